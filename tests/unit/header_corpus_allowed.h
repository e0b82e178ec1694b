/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where header_corpus_test's other parser and we disagree, and why we stay as we are. */
#define YEARS "years outside 1970..2262 are not readable here (header.h)"
#define NO_MONTH "a month in digits, in no known order, is no date of mail"
#define GLUED "no space is invented before an encoded word that has none"
#define COMMENT "a comment is a name only where there is no other; none is appended"
#define NOT_MAIL "no mail address: a web address, or a word"
#define MAILTO "a mailto URL gives its address"
#define CHARSET "unlabelled or mislabelled 8-bit bytes are read, not replaced"
{"date:3", YEARS},
{"date:4", YEARS},
{"date:7", NO_MONTH},
{"date:8", NO_MONTH},
{"date:9", "the field ends at a line that is no fold; what is left has a day and no time"},
{"malformed/019:date", "a leap second is read as the second before it"},
{"unstructured:13", GLUED},
{"unstructured:18", GLUED},
{"unstructured:19", GLUED},
{"unstructured:14", "an empty encoded word is nothing, not a space"},
{"address:8", COMMENT},
{"address:9", "the comment ends at the first ')' that is not escaped"},
{"address:11", COMMENT},
{"address:16", COMMENT},
{"address:41", COMMENT},
{"address:23", "names are trimmed"},
{"address:27", NOT_MAIL},
{"address:30", NOT_MAIL},
{"address:31", NOT_MAIL},
{"address:28", MAILTO},
{"address:29", MAILTO},
{"address:32", MAILTO},
{"address:33", MAILTO},
{"legacy/010:to", CHARSET},
{"legacy/010:subject", CHARSET},
{"legacy/020:to", CHARSET},
{"legacy/020:subject", CHARSET},
{"legacy/052:to", CHARSET},
{"legacy/052:subject", CHARSET},
