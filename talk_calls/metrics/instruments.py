"""All that is counted in this process; docs/metrics.md describes each.

In ``PROMETHEUS_MULTIPROC_DIR`` each process has files of its own, which whoever is asked adds up.
The values of labels are names in the code or the settings, so their number has a bound: no token,
no user and no address is one.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

#: How all names begin, by which a page tells our metrics from others in the same directory.
PREFIX = "talk_calls_"

#: A registry of its own: what else a site measures has its own page.
REGISTRY = CollectorRegistry()

_ROUTE = ("route", "version", "method")

REQUEST_SECONDS = Histogram(
    "talk_calls_request_seconds",
    "Time in views, of polls until they wait",
    _ROUTE,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
REQUEST_STATEMENTS = Histogram(
    "talk_calls_request_statements",
    "SQL statements of views, without BEGIN and COMMIT, of polls until they wait",
    _ROUTE,
    buckets=(0, 2, 4, 6, 8, 10, 12, 16, 20, 30, 50, 100),
    registry=REGISTRY,
)
RESPONSES = Counter(
    "talk_calls_responses",
    "Responses by their status, that of v2 also where v1 has another",
    (*_ROUTE, "status"),
    registry=REGISTRY,
)
REFUSALS = Counter(
    "talk_calls_refusals",
    "Refused requests by the name of the exception",
    (*_ROUTE, "reason"),
    registry=REGISTRY,
)
CALLS_STARTED = Counter("talk_calls_started", "Calls that were started", registry=REGISTRY)
CALLS_ENDED = Counter(
    "talk_calls_ended", "Calls that ended, by the reason", ("reason",), registry=REGISTRY
)
JOINS = Counter(
    "talk_calls_joins",
    "Devices that joined a call, by what their people are",
    ("actor_type",),
    registry=REGISTRY,
)
LEAVES = Counter(
    "talk_calls_leaves", "Devices that left a call, by the reason", ("reason",), registry=REGISTRY
)
PINGS = Counter("talk_calls_pings", "Pings of devices that were stored", registry=REGISTRY)
HINTS_DROPPED = Counter(
    "talk_calls_hints_dropped",
    "Hints that were not sent, as too many wait for the broker",
    registry=REGISTRY,
)
HINTS_CUT_OFF = Counter(
    "talk_calls_hints_cut_off",
    "How often a process lost the connection by which it receives hints",
    registry=REGISTRY,
)
# Gauges of processes that live; of those that died the page removes the files (``exposition``).
PROCESSES = Gauge(
    "talk_calls_processes",
    "Processes that answer requests",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
WAITING_POLLS = Gauge(
    "talk_calls_waiting_polls",
    "Polls that wait, by what for",
    ("topic",),
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
OPEN_FILES_LIMIT = Gauge(
    "talk_calls_open_files_limit",
    "How many files, connections among them, the processes may have open together",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
PROCESSES_CUT_OFF = Gauge(
    "talk_calls_processes_cut_off",
    "Processes that should receive hints, and cannot",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
HPB_CIRCUIT_OPEN = Gauge(
    "talk_calls_hpb_circuit_open",
    "Whether any process gave a signaling server up for now: 1, else 0",
    ("server",),
    multiprocess_mode="livemax",
    registry=REGISTRY,
)
HPB_LAG_SECONDS = Gauge(
    "talk_calls_hpb_lag_seconds",
    "For how long signaling servers were not told of a change, of the oldest such change",
    multiprocess_mode="livemax",
    registry=REGISTRY,
)
