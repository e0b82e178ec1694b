# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests: each room registers its own.
include tests/unit/base.mk
include tests/unit/mail.mk
include tests/unit/conf.mk
include tests/unit/archive.mk
include tests/unit/web.mk
include tests/unit/daemon.mk
