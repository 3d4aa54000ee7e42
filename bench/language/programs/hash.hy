(defn run [n]
  (setv counts {} x 12345)
  (for [_ (range n)]
    (setv key (% x 1009))
    (setv (get counts key) (+ (.get counts key 0) 1))
    (setv x (% (+ (* x 1103515245) 12345) 2147483648)))
  (len counts))
