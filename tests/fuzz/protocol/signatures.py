"""What can be said on the wire: interfaces as their XML describes them."""
import collections
import xml.etree.ElementTree as ElementTree

# `values`: of the argument's enum, empty when it has none in its own file.
Arg = collections.namedtuple("Arg", "name type interface nullable values")
Message = collections.namedtuple("Message", "name opcode since destructor args")
Interface = collections.namedtuple("Interface", "name version requests events")


def _values(enums, own, reference):
    if not reference:
        return []
    interface, _, enum = reference.rpartition(".")
    return enums.get((interface or own, enum), [])


def _message(node, opcode, own, enums):
    args = [Arg(arg.get("name"), arg.get("type"), arg.get("interface"), arg.get("allow-null") == "true",
                _values(enums, own, arg.get("enum"))) for arg in node.findall("arg")]
    return Message(node.get("name"), opcode, int(node.get("since", "1")), node.get("type") == "destructor", args)


def read(paths):
    """Every interface of these files, by name."""
    interfaces, roots, enums = {}, [], {}
    for path in paths:
        roots.append(ElementTree.parse(path).getroot())
    for root in roots:
        for interface in root.findall("interface"):
            for enum in interface.findall("enum"):
                enums[(interface.get("name"), enum.get("name"))] = [
                    int(entry.get("value"), 0) for entry in enum.findall("entry")]
    for root in roots:
        for node in root.findall("interface"):
            name = node.get("name")
            interfaces[name] = Interface(
                name, int(node.get("version")),
                [_message(request, i, name, enums) for i, request in enumerate(node.findall("request"))],
                [_message(event, i, name, enums) for i, event in enumerate(node.findall("event"))])
    return interfaces
