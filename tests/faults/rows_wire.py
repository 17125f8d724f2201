"""Clients that break the protocol, ask for too much, or for what is not theirs."""
from cockpit import CAMERA, GUEST, NAV, TELLTALES, VISITOR
from table import NEWS, REAR_VIEW, SHOWN, TELL, Limit, row

PROTOCOL = "protocol: an error ends its client, and nobody else"
PRIVILEGED = {"zwlr_screencopy_manager_v1", "ext_image_copy_capture_manager_v1", "zwp_virtual_keyboard_manager_v1",
              "zwlr_virtual_pointer_manager_v1", "wp_security_context_manager_v1"}


# As much as a layout may allow.
LIFTED = {"commits-per-frame": 1000000, "requests-per-frame": 1000000, "surfaces": 10000, "buffers": 10000,
          "upload-per-frame": "1GiB", "buffer-bytes": "1GiB"}


def limited(scene, **limits):
    """The layout with a guest under these limits, or under none worth the name."""
    layout = scene.layout()
    named = {key.replace("_", "-"): value for key, value in limits.items()}
    layout["apps"]["guest"]["limits"] = {key: LIFTED[key] for key in named} if scene.off else named
    return layout


def paced(scene, client, key):
    """It is held back by this limit, and the reason says so."""
    words = {"upload-per-frame": "upload budget"}.get(key, key)

    def condition():
        told = scene.client_of(client.process.pid)
        return told is not None and told["exceeded"][key] > 0 and any(words in reason for reason in told["reasons"])
    return condition


def flood(scene, layout, key, start, state="driving"):
    scene.start(layout)
    scene.drive(state)
    scene.ready(main=NAV)
    client = scene.inject(start)
    scene.detect(f"the reason names {key}", paced(scene, client, key))
    before = scene.stats("cluster")["missed"]
    scene.react("instruments as before", scene.shows("gauges", scene.witnesses["gauges"]))
    scene.notes.append(f"{scene.stats('cluster')['missed'] - before} missed refreshes of the safety display meanwhile")
    scene.undo(client.end)
    scene.recover("the map is back", scene.shows("main", NAV))


@row("flood-of-commits", fault="commits as fast as the socket takes them", state="driving",
     mechanism="budget: commits-per-frame", reaction="the flood is paced, with a reason; instruments as before",
     off="commits-per-frame: 1000000", detect=TELL, react=SHOWN, recover=SHOWN, renderers=("pixman", "gles"), quick=True)
def flood_of_commits(scene):
    flood(scene, limited(scene, commits_per_frame=8, requests_per_frame=1000000), "commits-per-frame",
          lambda: scene.probe("--flood", by="guest"))


@row("flood-of-requests", fault="requests that commit nothing, without end", state="driving",
     mechanism="budget: requests-per-frame", reaction="the flood is paced, with a reason; instruments as before",
     off="requests-per-frame: 1000000", detect=TELL, react=SHOWN, recover=SHOWN)
def flood_of_requests(scene):
    flood(scene, limited(scene, requests_per_frame=64), "requests-per-frame", lambda: scene.client("requests", by="guest"))


@row("flood-for-a-minute", fault="a flood that goes on for more than a minute", state="driving",
     mechanism="budget: a minute of excess is an error", reaction="the flood is ended with a protocol error that names the limit",
     off="requests-per-frame: 1000000", detect=Limit(90000, "3600 refreshes of 1/60 s, and half a minute of a busy machine"),
     react=Limit(90000, "the same"))
def flood_for_a_minute(scene):
    scene.start(limited(scene, requests_per_frame=64))
    scene.drive("driving")
    scene.ready(main=NAV)
    client = scene.inject(lambda: scene.client("requests", by="guest"))
    if scene.off:
        # It would take as long again to see that nothing comes; what a minute is counted from must be missing.
        scene.until("it floods", lambda: (scene.client_of(client.process.pid) or {}).get("surfaces", 0) > 0)
        scene.require("it is not held back at all", paced(scene, client, "requests-per-frame")())
    scene.detect("its end", scene.says(client, ENDED))
    scene.require("the log does not say why", "refused after a minute of it" in scene.log_text())
    scene.react("the map is back", scene.shows("main", NAV))


@row("huge-pictures", fault="8 MiB of new pixels in each of two surfaces, at every refresh", state="parked",
     mechanism="budget: upload-per-frame", reaction="the rest waits for the next refresh; instruments as before",
     off="upload-per-frame: 1GiB", detect=TELL, react=SHOWN, recover=SHOWN)
def huge_pictures(scene):
    flood(scene, limited(scene, upload_per_frame="256KiB", commits_per_frame=10000, requests_per_frame=1000000),
          "upload-per-frame", lambda: scene.probe("--animate", "--subsurface", "--ignore-size", "--size", "1600x1300", by="guest"), "parked")


# Whose connection is shut while it still sends may never read why.
ENDED = "^(error |disconnected)"


def excess(scene, layout, mode, *arguments, reason=""):
    """It is ended, with this reason, and leaves nothing."""
    scene.start(layout)
    scene.drive("driving")
    scene.ready(main=NAV)
    client = scene.inject(lambda: scene.client(mode, *arguments, by="guest"))
    scene.detect("its end", scene.says(client, ENDED))
    if reason:
        scene.detect("the log names the limit", scene.logged(reason))
    scene.react("the map is back", scene.shows("main", NAV))


@row("too-many-surfaces", fault="300 surfaces of one client", state="driving", mechanism="budget: surfaces",
     reaction="it is ended with an error that names the limit", off="surfaces: 10000", detect=NEWS, react=SHOWN, quick=True)
def too_many_surfaces(scene):
    excess(scene, limited(scene, surfaces=32), "surfaces", 300, reason="limits: {surfaces:")


@row("too-many-buffers", fault="300 buffers of one client", state="driving", mechanism="budget: buffers",
     reaction="it is ended with an error that names the limit", off="buffers: 10000", detect=NEWS, react=SHOWN)
def too_many_buffers(scene):
    excess(scene, limited(scene, buffers=32), "buffers", 300, reason="limits: {buffers:")


@row("oversized-buffers", fault="48 pictures of 1 MiB each", state="driving", mechanism="budget: buffer-bytes",
     reaction="it is ended with an error that names the limit", off="buffer-bytes: 1GiB", detect=TELL, react=SHOWN)
def oversized_buffers(scene):
    excess(scene, limited(scene, buffer_bytes="8MiB"), "bytes", 48, reason="limits: {buffer-bytes:")


@row("truncated-pool", fault="a picture whose memory its client took away", state="driving",
     mechanism="wl_shm: SIGBUS is caught while pixels are read", reaction="it is black; nobody else is harmed",
     off="nobody catches SIGBUS (shim)", react=SHOWN, recover=SHOWN, renderers=("pixman", "gles"), shim=True, needs=("shim",),
     quick=True)
def truncated_pool(scene):
    scene.start(scene.layout())
    scene.drive("driving")
    if scene.off:
        scene.orders.give("without-sigbus")
    # Who comes last is on top.
    scene.until("the map is there", scene.shows("main", NAV))
    guest = scene.client("shrink", by="guest")
    scene.until("it begins", scene.says(guest, "^begins"))
    scene.ready()
    scene.inject(lambda: guest.tell("shrink"))
    scene.react("black in its zone", scene.shows("main", 0))
    scene.undo(guest.end)
    scene.recover("the map is back", scene.shows("main", NAV))


@row("lingering-socket", fault="a client leaves a TCP socket behind whose last close waits for a minute", state="driving",
     mechanism="closer: what clients sent is closed beside the loop", reaction="its end is told; the cockpit goes on",
     off="no thread can be made (shim)", detect=NEWS, react=SHOWN, shim=True, needs=("shim",), quick=True)
def lingering_socket(scene):
    if scene.off:
        scene.orders.give("without-threads")
    scene.start(scene.layout())
    scene.drive("driving")
    scene.ready(main=NAV)
    stranger = scene.client("linger")
    scene.until("it begins", scene.says(stranger, "^begins"))
    scene.until("it is known", lambda: scene.client_of(stranger.process.pid) is not None)
    if scene.off:
        scene.control.socket.settimeout(scene.patience_s(NEWS))  # it would answer after that minute
    scene.inject(lambda: stranger.tell("hang up"))
    scene.detect("it is gone", lambda: scene.client_of(stranger.process.pid) is None)
    scene.react("instruments as before", scene.shows("gauges", scene.witnesses["gauges"]))


@row("picture-before-size", fault="a picture before it was told a size", state="driving", mechanism=PROTOCOL,
     reaction="it is ended with an error", off="errors reach nobody (shim)", detect=NEWS, react=SHOWN, shim=True,
     needs=("shim",), quick=True)
def picture_before_size(scene):
    if scene.off:
        scene.orders.give("without-errors")
    excess(scene, scene.layout(), "unconfigured")


@row("deaf-client", fault="a client that has itself sent events, and reads none", state="driving",
     mechanism="libwayland: what a client leaves unread is limited", reaction="it is disconnected",
     off="what nobody reads is dropped (shim)", detect=Limit(5000, "own: a flood has to fill a MiB first"),
     react=Limit(5500, "the same + half a second"), shim=True, needs=("shim",))
def deaf_client(scene):
    if scene.off:
        scene.orders.give("without-backlog")
    scene.start(scene.layout())
    scene.drive("driving")
    scene.ready(main=NAV)
    client = scene.inject(lambda: scene.client("deaf", by="guest"))
    scene.detect("it is disconnected", scene.says(client, "^disconnected"))
    scene.react("the map is back", scene.shows("main", NAV))


@row("forged-app-id", fault="a stranger that calls itself the telltale service", state="driving",
     mechanism="identity: above the app layer only who is proven", reaction="the telltales stay; `why` says what was refused",
     off="anybody may come by the service's own socket", detect=TELL, react=SHOWN, quick=True)
def forged_app_id(scene):
    layout = scene.layout()
    if scene.off:
        layout["apps"]["telltales"] = {"home": "telltales"}
    scene.start(layout)
    by = "telltales" if scene.off else ""
    if scene.off:
        scene.client("paint", by=by, app_id="telltales", colour=TELLTALES)
    scene.drive("driving")
    scene.ready(main=NAV)
    forger = scene.inject(lambda: scene.client("paint", by=by, app_id="telltales", colour=GUEST))
    scene.until("it has drawn", scene.says(forger, "^mapped"))
    scene.detect("`why` tells", lambda: any("by what it calls itself" in line
                                            for line in scene.ask("why", name="telltales").get("lines", [])))
    scene.react("the telltales", scene.shows("telltales", TELLTALES))


def offered(scene, client):
    scene.until("the list", scene.says(client, "^listed"))
    return {line.split()[1] for line in client.said().splitlines() if line.startswith("global ")}


@row("asks-what-is-offered", fault="a stranger looks for privileged interfaces", state="parked",
     mechanism="policy: privileged globals are hidden from who may not use them", reaction="it is not even told of them",
     off="it comes by the session owner's socket", react=SHOWN, quick=True)
def asks_what_is_offered(scene):
    scene.start(scene.layout())
    scene.drive("parked")
    scene.ready(main=NAV)
    client = scene.inject(lambda: scene.client("globals", by="owner" if scene.off else ""))
    found = offered(scene, client) & PRIVILEGED
    scene.require(f"it is offered {', '.join(sorted(found))}", not found)
    scene.react("the map", scene.shows("main", NAV))


@row("guesses-a-number", fault="a stranger binds screen capture by its number", state="parked",
     mechanism="policy: a hidden global cannot be bound either", reaction="it is ended with an error",
     off="it comes by the session owner's socket", detect=NEWS, react=SHOWN)
def guesses_a_number(scene):
    scene.start(scene.layout())
    scene.drive("parked")
    scene.ready(main=NAV)
    client = scene.inject(lambda: scene.client("bind", "zwlr_screencopy_manager_v1", by="owner" if scene.off else "",
                                               OWNER_DISPLAY="f.owner"))
    scene.detect("its error", scene.says(client, "^error wl_"))
    scene.react("the map", scene.shows("main", NAV))


@row("sandbox-escape", fault="a sandboxed app looks for a way out", state="parked",
     mechanism="identity: a security context takes privileges away for good",
     reaction="neither capture nor a context of its own is offered to it", off="no sandbox: the owner's socket itself",
     react=SHOWN)
def sandbox_escape(scene):
    scene.start(scene.layout())
    scene.drive("parked")
    scene.ready(main=NAV)
    client = scene.inject(lambda: scene.client("globals" if scene.off else "sandbox", by="owner", app_id="nav"))
    found = offered(scene, client) & PRIVILEGED
    scene.require(f"it is offered {', '.join(sorted(found))}", not found)
    scene.until("it is known as sandboxed", lambda: any(one["sandboxed"] for one in scene.get("clients")))
    scene.react("instruments as before", scene.shows("gauges", scene.witnesses["gauges"]))


def beside(scene, inside, start, drawn):
    """A visitor in zone `side`, which in the control run is the whole display: what is beside it must not change."""
    layout = scene.layout()
    if scene.off:
        layout["zones"]["side"]["rect"] = "full"
        layout["zones"]["side"]["empty"] = "none"
    scene.start(layout)
    scene.drive("driving")
    scene.ready(main=NAV)
    client = scene.inject(start)
    scene.until("it has drawn", scene.says(client, drawn))
    scene.react("it shows in its zone", lambda: scene.share("side", inside) > 0.05)
    scene.require("it reaches beyond its zone", scene.share("main", NAV) > 0.999)


def lighter(colour):
    return sum((part + (255 - part) // 3) << shift for shift in (0, 8, 16) for part in [colour >> shift & 255])


@row("popup-escape", fault="a popup that is wider than its zone", state="driving",
     mechanism="shell: popups are constrained to and clipped by their zone", reaction="nothing is seen beside the zone",
     off="the zone is the whole display", react=SHOWN, quick=True)
def popup_escape(scene):
    beside(scene, lighter(VISITOR), lambda: scene.probe("--popup", by="visitor", colour=VISITOR), "^mapped popup")


@row("subsurface-escape", fault="a subsurface that reaches 1000 px beyond its window", state="driving",
     mechanism="scene: surfaces are clipped by their zone", reaction="nothing is seen beside the zone",
     off="the zone is the whole display", react=Limit(1500, "own: the client has 4 million pixels to paint first"))
def subsurface_escape(scene):
    beside(scene, VISITOR, lambda: scene.client("escape", by="visitor", colour=VISITOR), "^escaped")


@row("fullscreen", fault="an app asks for the whole screen", state="driving",
     mechanism="shell: fullscreen means its zone", reaction="nothing is seen beside the zone",
     off="the zone is the whole display", react=SHOWN)
def fullscreen(scene):
    beside(scene, VISITOR, lambda: scene.probe("--fullscreen", by="visitor", colour=VISITOR), "^mapped main")


@row("newest-over-camera", fault="an app opens windows, fullscreen, while the camera shows", state="reversing",
     mechanism="order of layers: nothing lower covers anything higher", reaction="the camera stays uncovered",
     off="the camera is of layer background", detect=TELL, react=REAR_VIEW, quick=True)
def newest_over_camera(scene):
    layout = scene.layout()
    if scene.off:
        layout["zones"]["camera"]["layer"] = "background"
    scene.start(layout)
    scene.drive("reversing")
    scene.until("the camera has drawn", scene.shows("camera", NAV if scene.off else CAMERA))
    scene.ready()
    scene.inject(lambda: scene.probe("--fullscreen", "--dialog", "--animate", by="guest"))
    scene.detect("its zone takes it", scene.zone_event("main", app="guest"))
    scene.until("it has drawn", scene.presents("center", 2))
    scene.react("the camera", scene.shows("camera", CAMERA))
