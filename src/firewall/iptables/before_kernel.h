// SPDX-License-Identifier: GPL-2.0-or-later
// Headers of libc whose names the kernel's have too: theirs give way only when they come second.
#pragma once

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
