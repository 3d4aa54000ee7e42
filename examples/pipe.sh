#!/bin/sh
# Chorus in a pipe: programs come in, values go out, one a line; errors go to stderr.
set -e

# The program from standard input.
echo '(+ 1 2)' | chorus -
printf '%s\n' '(define (shout s) (string-upcase s))' '(shout "piped")' | chorus -

# Values as JSON.
chorus --json -e '(map (lambda (n) (* n n)) (iota 4))'

# Lines from standard input, each as it comes.
printf 'first line\nsecond line\n' | chorus -e '
  (let loop ((line (read-line)))
    (unless (eof-object? line)
      (display (string-upcase line))
      (newline)
      (loop (read-line))))'

# JSON lines in, CSV out.
printf '{"guild": "raiders", "size": 40}\n{"guild": "farmers", "size": 12}\n' | chorus --format csv -e '
  (let loop ((line (read-line)) (rows (list)))
    (if (eof-object? line)
        (reverse rows)
        (loop (read-line) (cons (string->json line) rows))))'
