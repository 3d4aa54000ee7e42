#!/bin/sh
# Chorus in a pipe: programs come in, values go out, one a line; errors go to stderr.
set -e
echo '(+ 1 2)' | chorus -
chorus --json -e '(map (lambda (n) (* n n)) (iota 4))'
printf '%s\n' '(define (shout s) (string-upcase s))' '(shout "piped")' | chorus -
