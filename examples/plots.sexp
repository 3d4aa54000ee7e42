#!/usr/bin/env chorus
;; Plots of the community in this folder's workspace, in the terminal. Pictures are files, which need a capability:
;;   chorus --allow write -e '(save-plot (plot-volume) "volume.svg")'

(show (plot-volume :title "how much was said"))
(show (plot (messages) :x (length content) :title "how long messages are"))
(show (plot (aggregate (group-by (join (messages) (channels) :on (= channel-id id)) name) (n (count)))
            :x name :y n :title "messages by channel"))
(show (plot-volume :by 'type :unit 'month))
