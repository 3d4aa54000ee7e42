#!/usr/bin/env chorus
;; Plots of the community in this folder's workspace: in the terminal, and a picture in volume.svg (--allow write).

(show (plot-volume :title "how much was said"))
(show (plot (messages) :x (length content) :title "how long messages are"))
(show (plot (aggregate (group-by (join (messages) (channels) :on (= channel-id id)) name) (n (count)))
            :x name :y n :title "messages by channel"))
(save-plot (plot-volume :by 'type :unit 'month) "volume.svg")
