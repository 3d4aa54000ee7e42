(define (escape cr ci)
  (let loop ((zr 0.0) (zi 0.0) (i 0))
    (let ((r2 (* zr zr)) (i2 (* zi zi)))
      (if (or (= i 64) (> (+ r2 i2) 4.0))
          i
          (loop (+ (- r2 i2) cr) (+ (* 2.0 zr zi) ci) (+ i 1))))))
(define (run n)
  (let rows ((y 0) (sum 0))
    (if (= y n)
        sum
        (rows (+ y 1)
              (let columns ((x 0) (sum sum))
                (if (= x n)
                    sum
                    (columns (+ x 1) (+ sum (escape (- (/ (* 3.0 x) n) 2.0) (- (/ (* 2.0 y) n) 1.0))))))))))
