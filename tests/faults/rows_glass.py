"""What is on glass is not what must be: lamps, frozen cameras, missed deadlines, layouts that prove nothing, captures."""
import subprocess

from cockpit import CAMERA, CINEMA, GEAR, NAV, TELLTALES
from picture import Picture, plain
from table import REAR_VIEW, SAFE_STATE, SHOWN, TELL, Limit, row

BRAKE = "Vehicle.Chassis.Brake.IsWarningOn"
LAMP, DARK, WRONG = 0xff2000, 0x000000, 0x2060ff
PLACE = (10, 4, 24, 24)  # in zone telltales, which begins at 0,0
UNREQUESTED = Limit(200, "seen for 100 ms, safe within another 100 ms (ELISA cluster concept, goal 2)")
LIVE = Limit(400, "max-age of 200 ms + 3 beats of 50 ms + a refresh and some")
LIVE_AGAIN = Limit(1500, "what is over is believed after 500 ms, and as long again on a busy machine")


def lamp(scene, demanded, drawn, wrongly_drawn):
    """A lamp that the app draws as demanded, and then does not. Returns what must not stay on glass."""
    layout = scene.layout()
    layout["signals"][BRAKE] = {"initial": demanded}
    layout["apps"]["telltales"] = {"home": "telltales"}
    for name, colour in (("on.png", LAMP), ("off.png", DARK)):
        (scene.path / name).write_bytes(plain(PLACE[2], PLACE[3], colour).png())
    if not scene.off:
        layout["checks"] = {"brake": {"zone": "telltales", "rect": list(PLACE), "when": {BRAKE: True}, "golden": "on.png",
                                      "off": "off.png", "else-off": True, "on-fault": "builtin:brake"}}
    scene.witnesses.pop("telltales")
    scene.start(layout)
    app = scene.client("lamp", *PLACE, by="telltales", colour=drawn)
    scene.boxes["lamp"] = ("cluster", PLACE)
    scene.drive("driving")
    # Until it is trusted our picture covers it, whatever it is.
    scene.until("the app is trusted", lambda: not any(
        "covered" in line for line in scene.ask("why", name="telltales").get("lines", [])))
    scene.ready(lamp=drawn)
    scene.inject(lambda: app.tell(f"{wrongly_drawn:06x}"))
    return app


def judged(scene, app, drawn, wrongly_drawn, word):
    if scene.off:
        scene.until("the fault is on glass", scene.shows("lamp", wrongly_drawn))
    else:
        scene.detect("the log says what is wrong", scene.logged(f"check brake:.*{word}"))
    scene.react("a picture of our own in its place", scene.shows_not("lamp", wrongly_drawn, 0.9))
    scene.undo(lambda: app.tell(f"{drawn:06x}"))
    scene.recover("its own picture", scene.shows("lamp", drawn))


def row_of_lamp(name, fault, reaction, limit):
    return row(name, fault=fault, state="driving", mechanism=f"check: {name}", reaction=reaction, off="no checks:", detect=limit,
               react=limit, recover=Limit(2500, "right for 1 s before it is trusted again, and as long again"),
               renderers=("pixman", "gles"), needs=("glass",))


@row_of_lamp("telltale-absent", "a demanded lamp goes out", "our lamp stands there", SAFE_STATE)
def telltale_absent(scene):
    judged(scene, lamp(scene, True, LAMP, DARK), LAMP, DARK, "absent")


@row_of_lamp("telltale-wrong", "a demanded lamp turns blue", "our lamp stands there", SAFE_STATE)
def telltale_wrong(scene):
    judged(scene, lamp(scene, True, LAMP, WRONG), LAMP, WRONG, "wrong")


@row_of_lamp("telltale-unrequested", "a lamp lights that nobody demanded", "it is covered", UNREQUESTED)
def telltale_unrequested(scene):
    judged(scene, lamp(scene, False, DARK, LAMP), DARK, LAMP, "unrequested")


def frozen(scene, order):
    layout = scene.layout()
    layout["apps"]["camera"] = {"home": "camera"}
    if not scene.off:
        layout["zones"]["camera"]["max-age"] = "200ms"
        if order == "tremble":
            layout["zones"]["camera"]["counter"] = [4, 4, 8, 8]
    scene.start(layout)
    camera = scene.client("paint", by="camera", colour=CAMERA)
    scene.until("the camera draws", scene.says(camera, "^mapped"))
    camera.tell("move")
    scene.drive("reversing")
    scene.ready(camera=CAMERA)
    scene.inject(lambda: camera.tell(order))
    scene.detect("it is told", scene.zone_is("camera", content="fault"))
    scene.react("\"no camera\"", scene.shows("camera", 0x804000))
    scene.undo(lambda: camera.tell("move"))
    scene.recover("the live picture", scene.shows("camera", CAMERA))


def row_of_camera(name, fault, mechanism):
    return row(name, fault=fault, state="reversing", mechanism=mechanism, reaction="\"no camera\" until it is live again",
               off="no max-age:", detect=LIVE, react=LIVE, recover=LIVE_AGAIN, renderers=("pixman", "gles"), needs=("fresh",))


@row_of_camera("camera-frozen", "the camera draws no new picture", "freshness: no new buffer within max-age")
def camera_frozen(scene):
    frozen(scene, "freeze")


@row_of_camera("camera-repeats", "the camera draws the same picture again and again", "freshness: new buffers, same pixels")
def camera_repeats(scene):
    frozen(scene, "repeat")


@row_of_camera("camera-counter-stops", "the picture trembles, its frame counter stands still",
               "freshness: the counter stands still")
def camera_counter_stops(scene):
    frozen(scene, "tremble")


@row("rear-view-too-late", fault="the camera is not there within 2 s of reverse", state="reversing",
     mechanism="ledger: within: is measured from the signal to the glass", reaction="\"no camera\" meanwhile; a miss is booked",
     off="no within:", detect=Limit(2600, "within: 2000 ms + 0.6 s"), react=REAR_VIEW, needs=("ledger",))
def rear_view_too_late(scene):
    layout = scene.layout()
    layout["apps"]["camera"] = {"home": "camera"}
    if scene.off:
        layout["rules"]["rear-view"].pop("within")
    scene.start(layout)
    scene.drive("parked")
    scene.ready(main=NAV)
    scene.inject(lambda: scene.set(GEAR, -1))
    scene.react("\"no camera\"", scene.shows("camera", 0x804000))

    def misses():
        return scene.ask("deadlines").get("misses", 0)
    scene.detect("the miss is booked", misses)


@row("layout-proves-nothing", fault="a save by which reverse hides the telltales", state="reversing",
     mechanism="proof: a zone that must show, shows in every state", reaction="refused, with the state as counter-example",
     off="the rule hides another zone", detect=TELL, react=SHOWN, needs=("proof",))
def layout_proves_nothing(scene):
    layout = scene.layout()
    scene.start(layout)
    scene.drive("reversing")
    scene.ready(camera=CAMERA)
    layout["rules"]["tidy"] = {"when": "reversing", "hide": ["side" if scene.off else "telltales"]}
    scene.inject(lambda: scene.write("layout.yaml", layout))
    scene.detect("it is refused", scene.event("reload-failed", lambda told: any("telltales" in fault["text"]
                                                                               for fault in told["faults"])))
    scene.react("the telltales", scene.shows("telltales", TELLTALES))


@row("private-zone-captured", fault="a program that may capture takes a picture of a private zone", state="parked",
     mechanism="policy: capture never contains a private zone", reaction="it is black in every picture", off="private: false",
     react=SHOWN, needs=("policy", "cage"))
def private_zone_captured(scene):
    layout = scene.layout()
    layout["zones"]["movie"]["private"] = not scene.off
    scene.start(layout)
    scene.client("paint", by="cinema", colour=CINEMA)
    scene.until("the film", lambda: scene.zone("movie")["content"] == "view")
    scene.drive("parked")
    scene.ready(main=NAV)

    def capture():
        done = subprocess.run(["grim", "-t", "ppm", "-"], env=scene.environment(WAYLAND_DISPLAY="f.owner"),
                              capture_output=True, check=False, timeout=30)
        return Picture.from_ppm(done.stdout)
    picture = scene.inject(capture)
    scene.require("the capture is empty", picture.share(picture.whole(), NAV) > 0.05)
    scene.require("the private zone was captured", picture.share(picture.whole(), CINEMA) == 0)
    scene.react("the map", scene.shows("main", NAV))
