(defn run [n] (setv i 0 total 0) (while (!= i n) (+= total (* i i)) (+= i 1)) total)
