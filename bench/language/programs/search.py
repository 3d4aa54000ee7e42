def matches(text, at, pattern):
    i = 0
    while i != len(pattern):
        if text[at + i] != pattern[i]:
            return False
        i += 1
    return True


def occurrences(text, pattern):
    last = len(text) - len(pattern)
    at = found = 0
    while at <= last:
        if matches(text, at, pattern):
            found += 1
        at += 1
    return found


TEXT = "".join("abcab" + str(i) for i in range(400))


def run(n):
    total = 0
    for _ in range(n):
        total += occurrences(TEXT, "abcab3")
    return total
