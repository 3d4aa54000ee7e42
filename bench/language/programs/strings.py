def run(n):
    parts = []
    for i in range(n):
        parts.append("<" + str(i) + ">")
    return len("".join(parts))
