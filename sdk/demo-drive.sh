#!/bin/sh
# The session child of ./dev demo on a desktop: once through the scripted drive, then the cockpit stays as it is.
# Apps need a moment to come up; the drive leaves them three seconds before it looks at anything.
binnaclectl play layouts/demo/drive.yaml
exec sleep infinity
