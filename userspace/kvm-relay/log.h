/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages to standard error, one line each. Under systemd they carry the
 * priority that the journal takes from a line's beginning (sd-daemon(3)).
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_LOG_H
#define RELAY_LOG_H

#include <syslog.h>

__attribute__((format(printf, 2, 3)))
void relay_log(int priority, const char *format, ...);

#define log_error(...)		relay_log(LOG_ERR, __VA_ARGS__)
#define log_warning(...)	relay_log(LOG_WARNING, __VA_ARGS__)
#define log_info(...)		relay_log(LOG_INFO, __VA_ARGS__)

#endif
