/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay: the main of a fuzz target where there is no libFuzzer: runs it over files. X_replay
 * without arguments takes tests/fuzz/corpus/X of the source folder, so that "make check" sees every
 * input that ever broke something.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	struct stat st;
	int ret = -1;

	if (!f || fstat(fileno(f), &st) < 0)
		goto out;
	/* Exactly as large as the input, so that a sanitizer sees a read past its end. */
	data = malloc(st.st_size > 0 ? (size_t)st.st_size : 1);
	if (!data || fread(data, 1, (size_t)st.st_size, f) != (size_t)st.st_size)
		goto out;
	LLVMFuzzerTestOneInput(data, (size_t)st.st_size);
	ret = 0;
out:
	if (ret < 0)
		perror(path);
	free(data);
	if (f)
		fclose(f);
	return ret;
}

static int
run_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *d;
	int n = 0;

	if (!dir || chdir(folder) < 0) {
		perror(folder);
		if (dir)
			closedir(dir);
		return 1;
	}
	while ((d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		if (run_file(d->d_name) < 0)
			break;
		n++;
	}
	closedir(dir);
	printf("%s: %d inputs\n", folder, n);
	return d || n == 0;
}

int
main(int argc, char **argv)
{
	const char *source = getenv("top_srcdir"), *name = strrchr(argv[0], '/'), *end;
	char folder[4096];

	for (int i = 1; i < argc; i++)
		if (run_file(argv[i]) < 0)
			return 1;
	if (argc > 1)
		return 0;
	name = name ? name + 1 : argv[0];
	end = strstr(name, "_replay");
	snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%.*s", source ? source : ".",
		 end ? (int)(end - name) : (int)strlen(name), name);
	return run_folder(folder);
}
