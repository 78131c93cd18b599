"""Start and stop the playground a hundred times; print the bytes it grew by and the threads left.

A process of its own, as coverage keeps records of every thread, which look like a leak.
"""

from __future__ import annotations

import gc
import threading
import tracemalloc

from waiting import until

from qmlplay import playground


def cycle():
    opened = playground()
    opened.speed = 0
    opened.play()
    until(lambda: opened.run["step"] >= 1)
    opened.change(n_layers=2)
    opened.pause()
    opened.close()
    opened.session.join(20)


def used():
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


for _ in range(5):
    cycle()
threads = threading.active_count()
tracemalloc.start()
cycle()
before = used()
for _ in range(100):
    cycle()
grown = used() - before
until(lambda: threading.active_count() <= threads)
print(grown, sum(thread.name.startswith("qmlplay") for thread in threading.enumerate()))
