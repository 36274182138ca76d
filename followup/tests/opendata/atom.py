"""Elements of the feed."""

ATOM = "{http://www.w3.org/2005/Atom}"


def text(element, name):
    found = element.findall(f"{ATOM}{name}")
    assert len(found) == 1, name
    return found[0].text
