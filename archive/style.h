/* SPDX-License-Identifier: GPL-2.0-or-later */
/* style: the one style sheet, plenary.css, as it is linked into the program. */
#ifndef ARCHIVE_STYLE_H
#define ARCHIVE_STYLE_H

extern const char style_sheet[];

#endif
