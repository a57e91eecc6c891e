/* The thread that serves all viewers of the process. Every function may be called from another thread. */
#pragma once
#include "viewer.h"

typedef struct {
  viewer_state state;
  const char *error;
  uint64_t checked_ns, connected_ns, keyframe_ns;
} viewer_news;

typedef struct {
  tally seen;
  uint32_t viewers, playing, ended, silent, drops;
} loop_result;

/* Gives why not, else NULL. */
const char *loop_start(void);

/* Its number; -1: no socket. */
int loop_add(const viewer_options *options);

/* False: there is no such viewer. */
bool loop_news(int number, viewer_news *news);
void loop_remove(int number, bool says_goodbye);

/* From now on it is counted again. */
void loop_measure(void);

/* `silent`: those who play, and got no media for so long. */
void loop_result_of(loop_result *result, uint64_t silent_ns);
