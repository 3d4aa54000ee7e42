(defn run [n] (setv parts []) (for [i (range n)] (.append parts (+ "<" (str i) ">"))) (len (.join "" parts)))
