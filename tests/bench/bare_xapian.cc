/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <xapian.h>

extern "C" {
#include "tests/bench/bare_xapian.h"
}

static std::string
string_of(struct slice s)
{
	return s.n ? std::string(s.p, s.n) : std::string();
}

static void
put(Xapian::TermGenerator *generator, const struct index_doc *d, const char *prefix,
    struct slice text, bool places)
{
	(void)d;
	if (places)
		generator->index_text(string_of(text), 1, prefix);
	else
		generator->index_text_without_positions(string_of(text), 1, prefix);
	generator->increase_termpos();
}

int
bare_xapian(const char *dir, const struct index_doc *docs, size_t n, size_t batch, bool places)
{
	try {
		Xapian::WritableDatabase db(dir, Xapian::DB_CREATE_OR_OVERWRITE);
		Xapian::TermGenerator generator;

		generator.set_stemmer(Xapian::Stem("en"));
		for (size_t i = 0; i < n; i++) {
			Xapian::Document doc;

			generator.set_document(doc);
			put(&generator, &docs[i], "S", docs[i].subject, places);
			put(&generator, &docs[i], "A", docs[i].from_name, places);
			put(&generator, &docs[i], "", docs[i].own, places);
			put(&generator, &docs[i], "", docs[i].quoted, places);
			doc.set_data(docs[i].key);
			doc.add_value(
			    0, Xapian::sortable_serialise(static_cast<double>(docs[i].date)));
			db.add_document(doc);
			if ((i + 1) % batch == 0)
				db.commit();
		}
		db.commit();
		return 0;
	} catch (const Xapian::Error &) {
		return -1;
	}
}
