# first
// second
/* third */
a = 1 # one
bb = 22 // two
ccc = 333 /* three */

dddd = 4 # alone

# before the block
block "x" { # after the brace
    # inside
  a = 1      # a
    /* between */
  bb = 2     # b
      // last
} # after the end

list = [ # open
  1, # one
  22,   # two
  333 # three
] # close

object = { // open
  # lead
  a = 1, // a
  bb = 2 // b
  /* block */ ccc = 3
  d = /* before the value */ 4
}
call = f(a, # first
  b, /* second */
  c) # third
x = 1 /* a */ + /* b */ 2
multi = 1 /* over
several lines */
after = 2
   # indented at the end
