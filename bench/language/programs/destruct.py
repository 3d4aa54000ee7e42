class Cell:
    __slots__ = ("head", "tail")

    def __init__(self, head, tail):
        self.head = head
        self.tail = tail


def make_chain(n):
    made = None
    for i in range(n):
        made = Cell(i, made)
    return made


def reverse_in_place(cell):
    done = None
    while cell is not None:
        rest = cell.tail
        cell.tail = done
        done = cell
        cell = rest
    return done


def add_one(chain):
    cell = chain
    while cell is not None:
        cell.head += 1
        cell = cell.tail
    return chain


def run(n):
    chain = make_chain(300)
    for _ in range(n):
        chain = add_one(reverse_in_place(chain))
    return chain.head
