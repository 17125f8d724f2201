"""The control socket and vehicle signals: abuse, storms, silence, and what the driver must not be shown or typed at."""
import json
import socket

from cockpit import CAMERA, CLUSTER, GEAR, GUEST, NAV, SPEED
from table import NEWS, SAFE_STATE, SHOWN, STALE, TELL, Limit, row

KEY_A, KEY_B = 30, 48  # as in linux/input-event-codes.h
UNREAD = "control: what a peer leaves unread is limited to 1 MiB"


def raw(scene):
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    scene.open.callback(peer.close)
    peer.settimeout(20)
    peer.connect(str(scene.runtime / "f.ctl"))
    return peer


def settled(scene, state, main=NAV):
    scene.drive(state)
    scene.ready(main=main)


@row("app-commands", fault="an app puts the car into reverse", state="driving",
     mechanism="policy: a signal is set by those in its from: only", reaction="it is denied, by exit status 4",
     off="from: [nav]", detect=TELL, react=SHOWN, quick=True)
def app_commands(scene):
    layout = scene.layout()
    if scene.off:
        layout["signals"][GEAR] = {"from": ["visitor"]}
    layout["apps"]["visitor"] = {"home": "side", "start": "demand", "restart": "never", "exec": [
        "sh", "-c", f'{scene.tools.ctl} set {GEAR} -1; echo "status $?" >verdict.new; mv verdict.new verdict']}
    scene.start(layout)
    settled(scene, "driving")
    scene.inject(lambda: scene.ask("show", app="visitor"))
    scene.until("it was answered", (scene.path / "verdict").exists)
    scene.detect("it is denied", lambda: "status 4" in (scene.path / "verdict").read_text())
    scene.react("the map, and no camera", scene.shows("main", NAV))


@row("app-quits-us", fault="an app ends the cockpit", state="driving",
     mechanism="policy: verbs of the session owner alone", reaction="it is denied, by exit status 4",
     off="the owner says it", detect=TELL, react=SHOWN)
def app_quits_us(scene):
    layout = scene.layout()
    script = f'{scene.tools.ctl} quit; echo "status $?" >verdict.new; mv verdict.new verdict'
    layout["apps"]["visitor"] = {"home": "side", "start": "demand", "restart": "never", "exec": ["sh", "-c", script]}
    scene.start(layout)
    settled(scene, "driving")
    if scene.off:
        scene.inject(lambda: scene.program(["sh", "-c", script], BINNACLE_SOCKET=scene.runtime / "f.ctl"))
    else:
        scene.inject(lambda: scene.ask("show", app="visitor"))
    scene.detect("it is denied", lambda: (scene.path / "verdict").exists()
                 and "status 4" in (scene.path / "verdict").read_text())
    scene.react("the map", scene.shows("main", NAV))


@row("endless-line", fault="a control request that never ends", state="driving",
     mechanism="control: a line has at most 65536 bytes", reaction="it is told so and disconnected", off="lines are broken (shim)",
     detect=NEWS, react=SHOWN, shim=True, needs=("shim",), quick=True)
def endless_line(scene):
    scene.start(scene.layout())
    settled(scene, "driving")
    if scene.off:
        scene.orders.give("without-lines")
    peer = raw(scene)

    def send():
        try:
            peer.sendall(b"x" * 80000)
        except OSError:
            pass
    scene.inject(send)
    peer.setblocking(False)
    heard = bytearray()

    def reads(pattern):
        def condition():
            try:
                data = peer.recv(1 << 16)
                heard.extend(data or b"\nEND")
            except BlockingIOError:
                pass
            except OSError:
                heard.extend(b"\nEND")
            return pattern in heard
        return condition
    scene.detect("it is told", reads(b"65536"))
    scene.react("it is disconnected", reads(b"END"))


@row("half-line", fault="a controller that goes away in the middle of a word", state="driving",
     mechanism="control: only a whole request is obeyed", reaction="nothing happens", off="the word is whole", react=SHOWN)
def half_line(scene):
    scene.start(scene.layout())
    settled(scene, "driving")
    peer = raw(scene)

    def send():
        request = json.dumps({"id": 1, "do": "quit"}).encode()
        peer.sendall(request if scene.off else request[:-3])
        peer.shutdown(socket.SHUT_WR)
        while True:
            try:
                if not peer.recv(4096):
                    return
            except OSError:
                return
    scene.inject(send)
    scene.require("the cockpit obeyed half a word", scene.process.poll() is None and scene.answers())
    scene.react("the map", scene.shows("main", NAV))


def fills(scene, first, requests):
    """Asks, and asks, and never reads."""
    peer = raw(scene)

    def send():
        try:
            peer.sendall(first)
            for _ in range(requests):
                peer.sendall(b'{"id":1,"do":"get","what":"zones"}\n')
        except OSError:
            pass
    scene.inject(send)
    scene.detect("the log names it", scene.logged("disconnected: it does not read"))
    scene.react("instruments as before", scene.shows("gauges", CLUSTER))


@row("deaf-controller", fault="a controller that asks 4000 times and never reads", state="driving", mechanism=UNREAD,
     reaction="it is disconnected, with a line in the log", off="what nobody reads is dropped (shim)",
     detect=Limit(5000, "own: a flood has to fill a MiB first"), react=Limit(5500, "the same + half a second"), shim=True,
     needs=("shim",), quick=True)
def deaf_controller(scene):
    scene.start(scene.layout())
    settled(scene, "driving")
    if scene.off:
        scene.orders.give("without-backlog")
    fills(scene, b"", 4000)


@row("deaf-watcher", fault="a subscriber to all events that never reads", state="driving", mechanism=UNREAD,
     reaction="it is disconnected, with a line in the log", off="", control="deaf-controller",
     detect=Limit(5000, "own: a flood has to fill a MiB first"), react=Limit(5500, "the same + half a second"))
def deaf_watcher(scene):
    scene.start(scene.layout())
    settled(scene, "driving")
    peer = raw(scene)
    peer.sendall(b'{"id":1,"do":"watch"}\n')
    scene.inject(lambda: None)
    told = scene.logged("disconnected: it does not read")

    def storm():
        for step in range(200):
            scene.set(SPEED, 40 + step % 20)
        return told()
    scene.detect("the log names it", storm)
    scene.react("instruments as before", scene.shows("gauges", CLUSTER))


@row("signal-storm", fault="2000 values of a signal at once", state="driving",
     mechanism="control: 16 requests a round, and changes are gathered",
     reaction="watchers are told a fraction, the last value counts",
     off="each value waits for the answer to the one before", detect=Limit(2000, "own: 1 ms a value"),
     react=Limit(2500, "the same + half a second"), quick=True)
def signal_storm(scene):
    scene.start(scene.layout())
    settled(scene, "driving")
    peer, count = raw(scene), 2000
    values = [20 + step % 50 for step in range(count - 1)] + [77]
    lines = [json.dumps({"id": 1, "do": "set", "signal": SPEED, "value": value}).encode() + b"\n" for value in values]

    def send():
        answers = 0
        if scene.off:
            for line in lines:
                peer.sendall(line)
                while not peer.recv(4096).endswith(b"\n"):
                    pass
                scene.pump()
            return
        peer.setblocking(False)
        rest = b"".join(lines)
        while answers < count:
            try:
                rest = rest[peer.send(rest[:1 << 16]):] if rest else rest
            except BlockingIOError:
                pass
            try:
                answers += peer.recv(1 << 16).count(b"\n")
            except BlockingIOError:
                scene.rest()
            scene.pump()
    scene.inject(send)
    scene.detect("the last value is told", scene.event("signal", lambda told: told["name"] == SPEED and told["value"] == 77))
    told = scene.count_events("signal")
    scene.notes.append(f"{told} events for {count} values")
    scene.require(f"watchers were told {told} times of {count} values", told <= count / 4)
    scene.react("instruments as before", scene.shows("gauges", CLUSTER))


# Signals that fall silent

def moving_picture(scene, layout, state):
    """A guest that moves in a zone where video is restricted while driving."""
    scene.start(layout)
    scene.drive(state)
    guest = scene.probe("--animate", by="")
    scene.ready(main=GUEST)
    return guest


def held_back(scene):
    return scene.zone_event("main", restrictions=["video", "keyboard"])


@row("stale-speed", fault="the vehicle's speed is not told any more", state="parked",
     mechanism="vehicle: stale-after: makes a signal unknown", reaction="restrictions of driving apply",
     off="no stale-after:", detect=STALE, react=Limit(1100, "stale-after of 500 ms + what is held back within 0.6 s"),
     recover=SHOWN, quick=True)
def stale_speed(scene):
    layout = scene.layout()
    if not scene.off:
        layout["signals"][SPEED] = {"stale-after": "500ms"}
    scene.start(layout)
    scene.drive("parked")
    scene.probe("--animate")
    # Its speed may have gone stale while all this started.

    def fresh():
        scene.set(SPEED, 0)
        return scene.share("main", GUEST) > 0.95
    scene.until("the guest", fresh)
    scene.until("the witnesses", lambda: fresh() and scene.share("gauges", CLUSTER) > 0.95)
    scene.photo("before")
    scene.inject(lambda: scene.set(SPEED, 0))
    scene.detect("it is told stale", scene.event("signal", lambda told: told["name"] == SPEED and told["stale"]))
    scene.react("the moving picture is held back", scene.shows_not("main", GUEST))
    scene.undo(lambda: scene.set(SPEED, 0))

    def again():
        scene.set(SPEED, 0)
        return scene.share("main", GUEST) > 0.95
    scene.recover("the guest again", again)


@row("unknown-speed", fault="the vehicle says that it does not know its speed", state="parked",
     mechanism="vehicle: an unknown signal counts as every value", reaction="restrictions of driving apply",
     off="no rule restricts", detect=NEWS, react=Limit(600, "own: what moves is held back within 0.6 s"), recover=SHOWN)
def unknown_speed(scene):
    layout = scene.layout()
    if scene.off:
        layout["rules"].pop("driving")
    moving_picture(scene, layout, "parked")
    scene.inject(lambda: scene.set(SPEED, None))
    scene.detect("the zone is restricted", held_back(scene))
    scene.react("the moving picture is held back", scene.shows_not("main", GUEST))
    scene.undo(lambda: scene.set(SPEED, 0))
    scene.recover("the guest again", scene.shows("main", GUEST))


@row("wrong-kind-of-value", fault="the speed is told as a word", state="parked",
     mechanism="vehicle: a value of the wrong kind is no value", reaction="restrictions of driving apply",
     off="no rule restricts", detect=NEWS, react=Limit(600, "own: what moves is held back within 0.6 s"), recover=SHOWN)
def wrong_kind_of_value(scene):
    layout = scene.layout()
    if scene.off:
        layout["rules"].pop("driving")
    moving_picture(scene, layout, "parked")
    scene.inject(lambda: scene.ask("set", signal=SPEED, value="fast"))
    scene.detect("the zone is restricted", held_back(scene))
    scene.react("the moving picture is held back", scene.shows_not("main", GUEST))
    scene.undo(lambda: scene.set(SPEED, 0))
    scene.recover("the guest again", scene.shows("main", GUEST))


@row("fluttering-speed", fault="a speed around the threshold: 4.9, 5.1, 4.9 ...", state="driving",
     mechanism="vehicle: hysteresis, over: and until-under:", reaction="one change of state",
     off="no until-under:", detect=NEWS, react=SHOWN)
def fluttering_speed(scene):
    layout = scene.layout()
    if scene.off:
        layout["states"]["moving"] = {SPEED: {"over": 5}}
    scene.start(layout)
    settled(scene, "parked")

    def flutter():
        for step in range(40):
            scene.set(SPEED, 5.1 if step % 2 == 0 else 4.9)
    scene.inject(flutter)
    scene.detect("it moves", scene.event("state", lambda told: told["name"] == "moving"))
    scene.react("the map", scene.shows("main", NAV))
    changes = scene.count_events("state", lambda told: told["name"] == "moving")
    scene.require(f"{changes} changes of the state", changes == 1)


# What the driver must not be shown, and must not do

@row("video-while-driving", fault="an app shows a film while the car moves", state="driving",
     mechanism="rules: restrict: [video], judged by what moves", reaction="a sentence in its place, until the car stands",
     off="no rule restricts", detect=NEWS, react=Limit(600, "own: what moves is held back within 0.6 s"), recover=SHOWN,
     renderers=("pixman", "gles"), quick=True)
def video_while_driving(scene):
    layout = scene.layout()
    if scene.off:
        layout["rules"].pop("driving")
    moving_picture(scene, layout, "parked")
    scene.inject(lambda: scene.drive("driving"))
    scene.detect("the zone is restricted", held_back(scene))
    scene.react("the moving picture is held back", scene.shows_not("main", GUEST))
    scene.undo(lambda: scene.drive("parked"))
    scene.recover("the guest again", scene.shows("main", GUEST))


@row("keys-while-driving", fault="somebody types while the car moves", state="driving",
     mechanism="rules: restrict: [keyboard]", reaction="no key reaches the app, until the car stands", off="no rule restricts",
     detect=NEWS, react=SHOWN, recover=SHOWN)
def keys_while_driving(scene):
    layout = scene.layout()
    if scene.off:
        layout["rules"].pop("driving")
    scene.start(layout)
    scene.drive("parked")
    guest = scene.probe(by="guest")
    scene.ready(main=GUEST)
    typist = scene.program([scene.tools.type], by="owner")

    def types(letter):
        before = typist.count(f"^{letter}$")
        typist.tell(letter)
        scene.until("the key is taken", lambda: typist.count(f"^{letter}$") > before)

    def reaches():
        scene.ask("touch", display="center", x=60, y=60)
        before = guest.count(f"^key {KEY_A} ")
        types("a")
        scene.pump()
        return guest.count(f"^key {KEY_A} ") > before
    scene.until("keys reach the guest", reaches)
    scene.inject(lambda: scene.drive("driving"))
    scene.detect("the zone is restricted", held_back(scene))
    types("b")
    scene.react("the guest", scene.shows("main", GUEST))
    scene.undo(lambda: scene.drive("parked"))
    # Keys come in order: had the one before been let through, it would be there by now.
    scene.recover("keys again", reaches)
    scene.require("a key arrived while the car moved", guest.count(f"^key {KEY_B} ") == 0)


def down(x, y):
    return {"do": "touch", "display": "center", "x": x, "y": y, "phase": "tap"}


def touched(scene, x, y, client):
    """Taps until it arrives: nothing does so shortly after something appeared there."""
    def condition():
        scene.ask("touch", display="center", x=x, y=y)
        return client.count(f"^touch-down {x} {y}") > 0
    return condition


@row("touch-is-covered", fault="the camera appears under a finger that is on the map", state="parked",
     mechanism="touch fence: a touch on what is covered is cancelled", reaction="the app below is told cancel",
     off="no rule shows the camera", detect=NEWS, react=SAFE_STATE, quick=True)
def touch_is_covered(scene):
    layout = scene.layout()
    if scene.off:
        layout["rules"]["rear-view"]["when"] = {GEAR: 99}
    scene.start(layout)
    scene.drive("parked")
    guest = scene.client("paint", by="guest")
    scene.ready(main=GUEST)
    scene.until("touches arrive", touched(scene, 30, 40, guest))
    scene.ask("touch", display="center", x=50, y=60, phase="down")
    scene.until("the finger is down", scene.says(guest, "^touch-down 50 60"))
    scene.inject(lambda: scene.set(GEAR, -1))
    scene.detect("it is cancelled", scene.says(guest, "^touch-cancel"))
    scene.react("the camera", scene.shows("camera", CAMERA))


@row("touch-at-once", fault="a finger lands where the camera has just appeared", state="reversing",
     mechanism="touch fence: no touch within 250 ms of what appears", reaction="the touch goes nowhere",
     off="the fence's time is over", react=SAFE_STATE, quick=True)
def touch_at_once(scene):
    layout = scene.layout()
    layout["apps"]["camera"] = {"home": "camera"}
    scene.start(layout)
    camera = scene.client("paint", by="camera", colour=CAMERA)
    scene.drive("parked")
    scene.ready(main=NAV)
    if scene.off:
        scene.set(GEAR, -1)
        scene.until("touches arrive", touched(scene, 50, 60, camera))
    # In one write: the finger cannot come later than the camera by the time that the fence lasts.
    request = [{"do": "set", "signal": GEAR, "value": -1}, down(10, 20)]
    peer = raw(scene)
    scene.inject(lambda: peer.sendall(b"".join(json.dumps({"id": 1, **one}).encode() + b"\n" for one in request)))
    scene.react("the camera", scene.shows("camera", CAMERA))
    scene.until("later touches arrive", touched(scene, 70, 80, camera))
    scene.require("the touch went to the camera", camera.count("^touch-down 10 20") == 0)


@row("popup-grab", fault="an app holds a grab while the camera appears over it", state="reversing",
     mechanism="input: what is on top gets the touch, grabs or not", reaction="touches go to the camera, none to the grab",
     off="the camera is of layer background", detect=TELL, react=SHOWN)
def popup_grab(scene):
    layout = scene.layout()
    layout["apps"]["camera"] = {"home": "camera"}
    if scene.off:
        layout["zones"]["camera"]["layer"] = "background"
    scene.start(layout)
    camera = scene.client("paint", by="camera", colour=CAMERA)
    guest = scene.client("grab", by="guest")
    scene.drive("parked")
    scene.ready(main=GUEST)
    scene.until("touches arrive", touched(scene, 30, 40, guest))
    scene.until("its popup is open", scene.says(guest, "^popup"))
    scene.inject(lambda: scene.set(GEAR, -1))
    scene.detect("a touch reaches the camera", touched(scene, 70, 80, camera))
    scene.react("the camera", scene.shows("camera", CAMERA))
    scene.require("the grab got it, too", guest.count("^touch-down 70 80") == 0)
