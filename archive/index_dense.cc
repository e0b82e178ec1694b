/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dense copies of shards. Xapian never writes over a block that a reader may be at, and splits full
 * ones: a shard that mail comes into is up to twice as large as what is in it. When it was last
 * made dense, and how large it was then, stands in its own metadata, and moves with it.
 *
 * The copy takes the shard's place by one exchange of two folders, inside of the folder that the
 * walls of the roles name; who reads the old one keeps its open files until he looks again.
 */
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>

#include "archive/shim.hh"

extern "C" {
#include "base/crash.h"
#include "base/file.h"
}

using namespace shim;

namespace
{

const char DENSE_KEY[] = "plenary-dense"; /* "BYTES SECONDS" */
const int64_t SLACK = 1 << 20;            /* bytes that are not worth a copy */
const int64_t DAY = 86400;

int64_t
bytes_of(const std::string &path)
{
	int64_t sum = 0;

	for (const auto &entry : std::filesystem::directory_iterator(path))
		sum += static_cast<int64_t>(entry.file_size());
	return sum;
}

/* Grown by a quarter, and not made dense today; or to twice its size at once. */
bool
is_loose(const std::string &path, int64_t now)
{
	std::string noted = Xapian::Database(path).get_metadata(DENSE_KEY);
	long long dense = 0, when = 0;
	int64_t bytes = bytes_of(path);

	(void)sscanf(noted.c_str(), "%lld %lld", &dense, &when);
	if (bytes < dense + dense / 4 + SLACK)
		return false;
	return now - when >= DAY || now < when || bytes > 2 * dense;
}

/* 1; 0 if this file system can't exchange folders: the shard stays as it is. */
int
shard_compact(const std::string &path, int64_t now, struct err *e)
{
	std::string dense = path + ".dense";
	Xapian::WritableDatabase db(path, Xapian::DB_OPEN); /* nobody else writes meanwhile */
	int done = 1;

	if (file_remove_tree(AT_FDCWD, dense.c_str(), e) < 0)
		return -1;
	db.compact(dense, Xapian::DBCOMPACT_NO_RENUMBER);
	Xapian::WritableDatabase copy(dense, Xapian::DB_OPEN);
	copy.set_metadata(DENSE_KEY, std::to_string(bytes_of(dense)) + " " + std::to_string(now));
	copy.close();
	crash_point("index.compacted");
	if (renameat2(AT_FDCWD, dense.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) < 0) {
		if (errno != EINVAL && errno != ENOSYS)
			return err_errno(e, "the dense index cannot take its place");
		done = 0;
	}
	crash_point("index.exchanged");
	db.close();
	return file_remove_tree(AT_FDCWD, dense.c_str(), e) < 0 ? -1 : done;
}

} // namespace

int
index_compact(const char *dir, int64_t now, struct err *e)
{
	return guarded(e, [&] {
		for (int i = 0; i < INDEX_SHARDS; i++)
			if (shard_compact(shard_path(dir, i), now, e) < 0)
				return -1;
		return 0;
	});
}

int
index_tighten(const char *dir, int64_t now, struct err *e)
{
	return guarded(e, [&] {
		for (int i = 0; i < INDEX_SHARDS; i++)
			if (is_loose(shard_path(dir, i), now))
				return shard_compact(shard_path(dir, i), now, e);
		return 0;
	});
}
