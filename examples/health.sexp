#!/usr/bin/env chorus
; How a community is doing, week by week: `chorus --workspace DIR examples/health.sexp`.

(define days (daily 'everyone))
(show (plot days :x day :y messages :title "messages a day"))

; Rising or falling? The interval says how sure that is; the reading is in words.
(for-each
  (lambda (measure)
    (let ((found (trend days :measure measure)))
      (show "  " (if found (hash-ref found :reading) (format "~a: fewer than five weeks" measure)))))
  '(messages authors tone))

; Changes that lasted, with the patch that lies within three days of each.
(show "\nThe level changed for good:")
(for-each-row
  (change-points days)
  (lambda (row)
    (show "  " (day-of (hash-ref row :day)) ": from " (hash-ref row :before) " to " (hash-ref row :after) " messages a day"
          (if (hash-ref row :version) (string-append ", by " (hash-ref row :version)) ""))))

; Days that stand out, by a limit that noise passes in one community of twenty.
(show "\nDays out of line:")
(for-each-row
  (limit (anomalies days) 5)
  (lambda (row) (show "  " (day-of (hash-ref row :day)) ": " (hash-ref row :measure) ", " (hash-ref row :distance) " spreads from the usual day")))

; What comes back, and what is to be expected: `mase` below 1 beats "as on the same day last week".
(show "\nRhythms: "
      (map (lambda (rhythm) (hash-ref rhythm :period))
           (hash-ref (recurring-patterns (column days messages)) :rhythms)))
(show "\nThe next week:")
(for-each-row
  (forecast days :days 7)
  (lambda (row)
    (show "  " (day-of (hash-ref row :day)) ": " (hash-ref row :expected) " messages, between " (hash-ref row :low) " and "
          (hash-ref row :high) " (" (hash-ref row :method) ", mase " (hash-ref row :mase) ")")))
