"""Orders to shim.c, in the file that both map."""
import mmap
import struct

# In shim.c's order.
NAMES = ("gpu-lost", "realtime-ns", "monotonic-ns", "loops", "without-sigbus", "without-errors", "without-backlog",
         "without-reset", "without-lines", "without-kill", "without-fences",
         "without-accept", "without-threads", "starves")


class Orders:
    def __init__(self, path):
        self.path = path
        path.write_bytes(bytes(8 * len(NAMES)))
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 8 * len(NAMES))

    def give(self, name, value=1):
        struct.pack_into("=q", self.map, 8 * NAMES.index(name), value)

    def close(self):
        self.map.close()
