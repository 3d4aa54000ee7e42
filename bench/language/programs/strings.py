def run(n):
    return len("".join(["<" + str(i) + ">" for i in range(n)]))
