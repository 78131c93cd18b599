"""Begin a slow step on Qiskit and leave it, again and again; print the threads that are left.

A process of its own: what goes wrong in Aer ends the whole process, and the first import counts.
"""

from __future__ import annotations

import threading

from waiting import until

from qmlplay import playground

opened = playground()
opened.speed = 0
for cycle in range(12):
    opened.change(backend="qiskit", shots=1000, noise="high", n_layers=1 + cycle % 2)
    opened.play()
    until(lambda: opened.run["progress"] > 0 or opened.run["step"] > 0)
    opened.change(backend="numpy", shots=None, noise="none")
    opened.pause()
opened.close()
opened.session.join(20)
until(lambda: not any(thread.name.startswith("qmlplay") for thread in threading.enumerate()))
print("none left")
