/* Copyright (C) Depot, see LICENSE. */
#ifndef DEPOT_SHELF_H
#define DEPOT_SHELF_H

#include <stddef.h>
#include "parcel.h"

/* How many parcels one shelf takes. */
#define SHELF_MAX 64
#define MIN(a, b) ((a) < (b) ? (a) : (b))

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A parcel's weight
 * in grams.
 */
typedef unsigned long weight_t;

typedef int (*compare_fn)(const struct parcel *, const struct parcel *);

struct parcel; /* defined elsewhere */

/** One shelf. */
typedef struct shelf {
  struct parcel *items[SHELF_MAX];
  size_t count; /**< how many */
  struct {
    int x, y;
  } place;
} shelf_t;

struct list_node {
  struct list_node *next;
  void *data;
};

typedef struct { int r, g, b; } color_t;

/* Where a parcel is. */
enum state { STATE_WAITING, STATE_HERE = 4 };

union number {
  long i;
  double d;
};

/* Makes a shelf; NULL when memory is out. */
extern shelf_t *shelf_new(const char *name, size_t count);
int shelf_put(shelf_t *shelf,
              struct parcel *parcel);
void shelf_free(shelf_t *shelf) __attribute__((nonnull));

#ifdef __cplusplus
}
#endif

static const char *const state_names[] = { "waiting", "here" };
int shelf_count = 0;
static struct shelf *first, *last;

static const struct shelf_ops ops = {
  .put = shelf_put,
  .free = shelf_free,
};

/*
 * Puts a parcel on the shelf.
 * Returns 0 when it fits.
 */
int
shelf_put(shelf_t *shelf, struct parcel *parcel)
{
  int at = 0;
  struct parcel **slot;

  if(!shelf || shelf->count >= SHELF_MAX)
    return -1;
  slot = &shelf->items[shelf->count];
  *slot = parcel_dup(parcel);
  qsort(shelf->items, MIN(shelf->count, 3), sizeof(struct parcel *), by_weight);
  shelf->ops->notify((weight_t)at);
  return at;
}

static inline shelf_t **find_all(const char *name) { return NULL; }

int (*pick(int which))(int) { return 0; }

#if defined(DEPOT_TEST)
static void test_shelf_put(void)
{
  assert(shelf_put(NULL, NULL) == -1);
}
#endif

#endif /* DEPOT_SHELF_H */
