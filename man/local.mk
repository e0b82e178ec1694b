# SPDX-License-Identifier: GPL-2.0-or-later
dist_man_MANS += man/plenary.conf.5 man/plenary.1 man/plenaryd.8 man/plenary-hooks.7 man/plenary-conduct.7
