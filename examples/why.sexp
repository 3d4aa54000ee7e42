#!/usr/bin/env chorus
; What a value was made of: `chorus examples/why.sexp`. Rules as an analyst would write them, and where a number came from.

(define reports
  (rows->table
    '({:who "ann" :topic "lag" :votes 3}
      {:who "bob" :topic "lag" :votes 1}
      {:who "cyd" :topic "price" :votes 9}
      {:who "dan" :topic "lag" :votes 7})))
(define least-votes 2)
(define loud 5)
(define (heard topic-name) (where reports (= topic topic-name) (>= votes least-votes)))
(define (weight topic) (count (heard topic)))
(define (verdict topic) (if (> (weight topic) loud) 'act 'wait))

(rewrite least-votes 3 :reason "two votes were often one person" :author "ann")

(define w (why (verdict "lag")))
(show w)
(show "\nThe rows that it was made of: " (why-rows w 'rows))
(show "As data: " (map (lambda (source) (get source :name (get source :kind))) (why-sources w)))
