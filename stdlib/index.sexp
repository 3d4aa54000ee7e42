;; The files of the standard library in the order in which they are loaded, one a line.
"core.sexp"
"control.sexp"
"records.sexp"
"lists.sexp"
"sequences.sexp"
"hash.sexp"
"search.sexp"
