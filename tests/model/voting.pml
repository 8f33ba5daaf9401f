/* Owns: the voting rules of consensus.md (C9, C26, C30) as a model that spin searches in full: four
 * validators of which one is a traitor, VIEWS views, two candidates in each. README.md maps each
 * statement to its rule and to the function that has it in the engine.
 *
 * The network holds every vote ever sent, and anyone may act on any of it at any time, so what a
 * validator has received needs no state: a certificate that exists may be used, or not. The traitor
 * (number 3, not a process) has voted for everything: two of the three others make a quorum with it.
 * It leads every view and chose, before the start, on what each candidate builds.
 *
 * -DBREAK_... takes one rule out; spin must then find an error. */

#ifndef VIEWS
#define VIEWS 2
#endif
#define CANDIDATES 2
#define AT(v, c) ((v) * CANDIDATES + (c))
#define SLOTS ((VIEWS + 1) * CANDIDATES)

/* Of the three correct validators, by bit. */
#ifdef BREAK_QUORUM
#define QUORUM(votes) ((votes) != 0)
#else
#define QUORUM(votes) ((votes) == 3 || (votes) == 5 || (votes) == 6 || (votes) == 7)
#endif
/* What is judged is judged by the true quorum. */
#define AGREED(votes) ((votes) == 3 || (votes) == 5 || (votes) == 6 || (votes) == 7)

/* Votes that exist, by view and candidate. */
byte notarized[SLOTS];
byte finalized[SLOTS];
byte nullified[VIEWS + 1];
/* On what a candidate builds: parent view, and the candidate of that view. */
byte parent[SLOTS];
byte parent_candidate[SLOTS];

/* Of each correct validator: v_cur and the three registers. */
byte view[3];
byte last_notarize[3];
byte last_nullify[3];
byte last_finalize[3];

/* Scratch, no part of the state. */
hidden byte a;
hidden byte b;
hidden byte ca;
hidden byte cb;
hidden byte below;
hidden byte below_candidate;

#define MINE (1 << me)

/* C26: the parent is usable, the views between are nullified. */
#define PARENT(v, c) \
  (parent[AT(v, c)] == 0 || \
   QUORUM(notarized[AT(parent[AT(v, c)], parent_candidate[AT(v, c)])]))
#define GAP(w, v, c) (!(parent[AT(v, c)] < (w) && (w) < (v)) || QUORUM(nullified[w]))
#if VIEWS >= 3
#define GAPS(v, c) (GAP(1, v, c) && GAP(2, v, c))
#else
#define GAPS(v, c) GAP(1, v, c)
#endif

#ifdef BREAK_PARENT
#define PARENT_HELD(v, c) true
#else
#define PARENT_HELD(v, c) PARENT(v, c)
#endif
#ifdef BREAK_GAP
#define GAPS_HELD(v, c) true
#else
#define GAPS_HELD(v, c) GAPS(v, c)
#endif

/* C9, column 2. */
#ifdef BREAK_NOTARIZE_ONCE
#define MAY_NOTARIZE(v) true
#else
#define MAY_NOTARIZE(v) ((v) > last_notarize[me])
#endif
#ifdef BREAK_NULLIFY_AFTER_FINALIZE
#define MAY_NULLIFY(v) ((v) > last_nullify[me])
#else
#define MAY_NULLIFY(v) ((v) > last_nullify[me] && (v) > last_finalize[me])
#endif
#ifdef BREAK_FINALIZE_AFTER_NULLIFY
#define MAY_FINALIZE(v) ((v) > last_finalize[me])
#else
#define MAY_FINALIZE(v) ((v) > last_finalize[me] && (v) > last_nullify[me])
#endif
#ifdef BREAK_FINALIZE_NOTARIZED
#define NOTARIZATION(v, c) true
#else
#define NOTARIZATION(v, c) QUORUM(notarized[AT(v, c)])
#endif

/* O1 to O5, after each vote. */
inline judge() {
  a = 1;
  do
  :: a <= VIEWS ->
    assert(!(AGREED(notarized[AT(a, 0)]) && AGREED(notarized[AT(a, 1)])));            /* O1 */
    ca = 0;
    do
    :: ca < CANDIDATES ->
      assert(!AGREED(finalized[AT(a, ca)]) || AGREED(notarized[AT(a, ca)]));          /* O2 */
      assert(!AGREED(finalized[AT(a, ca)]) || !AGREED(nullified[a]));                 /* O3 */
      if
      :: AGREED(notarized[AT(a, ca)]) ->
        below = parent[AT(a, ca)];
        assert(below == 0 || AGREED(notarized[AT(below, parent_candidate[AT(a, ca)])])); /* O5 */
        b = below + 1;
        do
        :: b < a -> assert(AGREED(nullified[b])); b++                                 /* O5 */
        :: else -> break
        od
      :: else
      fi;
      /* O4: who is final below is an ancestor. */
      if
      :: AGREED(finalized[AT(a, ca)]) ->
        b = 1;
        do
        :: b < a ->
          cb = 0;
          do
          :: cb < CANDIDATES ->
            if
            :: AGREED(finalized[AT(b, cb)]) ->
              below = a;
              below_candidate = ca;
              do
              :: below > b ->
                below_candidate = parent_candidate[AT(below, below_candidate)] + CANDIDATES *
                                  parent[AT(below, below_candidate)];
                below = below_candidate / CANDIDATES;
                below_candidate = below_candidate % CANDIDATES
              :: else -> break
              od;
              assert(below == b && below_candidate == cb)
            :: else
            fi;
            cb++
          :: else -> break
          od;
          b++
        :: else -> break
        od
      :: else
      fi;
      ca++
    :: else -> break
    od;
    a++
  :: else -> break
  od
}

#define ENTER(v) \
  :: d_step { \
       view[me] <= (v) && (QUORUM(nullified[v]) || QUORUM(notarized[AT(v, 0)]) || \
                           QUORUM(notarized[AT(v, 1)])) -> \
       view[me] = (v) + 1 \
     }
#define NOTARIZE(v, c) \
  :: d_step { \
       view[me] == (v) && MAY_NOTARIZE(v) && !(notarized[AT(v, c)] & MINE) && \
       PARENT_HELD(v, c) && GAPS_HELD(v, c) -> \
       notarized[AT(v, c)] = notarized[AT(v, c)] | MINE; \
       last_notarize[me] = (v); \
       judge(); \
       a = 0 \
     }
#define NULLIFY(v) \
  :: d_step { \
       view[me] == (v) && MAY_NULLIFY(v) && !(nullified[v] & MINE) -> \
       nullified[v] = nullified[v] | MINE; \
       last_nullify[me] = (v); \
       judge(); \
       a = 0 \
     }
#define FINALIZE(v, c) \
  :: d_step { \
       NOTARIZATION(v, c) && PARENT(v, c) && MAY_FINALIZE(v) && !(finalized[AT(v, c)] & MINE) -> \
       finalized[AT(v, c)] = finalized[AT(v, c)] | MINE; \
       last_finalize[me] = (v); \
       judge(); \
       a = 0 \
     }
/* S9: a restart keeps the registers, so it changes nothing here; broken, it forgets them. */
#ifdef BREAK_RESTART
#define RESTART \
  :: d_step { \
       last_notarize[me] + last_nullify[me] + last_finalize[me] > 0 -> \
       last_notarize[me] = 0; \
       last_nullify[me] = 0; \
       last_finalize[me] = 0 \
     }
#else
#define RESTART
#endif

#define IN_VIEW(v) \
  ENTER(v) NOTARIZE(v, 0) NOTARIZE(v, 1) NULLIFY(v) FINALIZE(v, 0) FINALIZE(v, 1)

proctype Validator(byte me) {
end:
  do
  IN_VIEW(1)
  IN_VIEW(2)
#if VIEWS >= 3
  IN_VIEW(3)
#endif
  RESTART
  od
}

#define BUILD_ON(v, c, p, pc) :: parent[AT(v, c)] = p; parent_candidate[AT(v, c)] = pc

init {
  atomic {
    view[0] = 1;
    view[1] = 1;
    view[2] = 1;
    if BUILD_ON(2, 0, 0, 0) BUILD_ON(2, 0, 1, 0) BUILD_ON(2, 0, 1, 1) fi;
    if BUILD_ON(2, 1, 0, 0) BUILD_ON(2, 1, 1, 0) BUILD_ON(2, 1, 1, 1) fi;
#if VIEWS >= 3
    if BUILD_ON(3, 0, 0, 0) BUILD_ON(3, 0, 1, 0) BUILD_ON(3, 0, 2, 0) BUILD_ON(3, 0, 2, 1) fi;
    if BUILD_ON(3, 1, 0, 0) BUILD_ON(3, 1, 1, 1) BUILD_ON(3, 1, 2, 0) BUILD_ON(3, 1, 2, 1) fi;
#endif
    run Validator(0);
    run Validator(1);
    run Validator(2)
  }
}
