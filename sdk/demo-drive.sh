#!/bin/sh
# The session child of ./dev demo on a desktop: once through the scripted drive, then the cockpit stays as it is.
# Pictures that the drive takes go to out/demo.
drive=$PWD/layouts/demo/drive.yaml
mkdir -p out/demo && cd out/demo && binnaclectl play "$drive"
exec sleep infinity
