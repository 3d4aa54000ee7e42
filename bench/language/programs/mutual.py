# Python has no tail calls: by hand, mutual recursion becomes a loop over who is next.
def even_length(chain):
    even = True
    while chain is not None:
        chain = chain[1]
        even = not even
    return even


def down(n):
    even = True
    while n != 0:
        n -= 1
        even = not even
    return "even" if even else "odd"


def run(n):
    chain = None
    for i in range(299, -1, -1):
        chain = (i, chain)
    for _ in range(n):
        if not even_length(chain):
            raise ValueError("odd")
        down(300)
    return down(n)
