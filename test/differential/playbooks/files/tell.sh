#!/bin/sh
echo "told: $# $1 $2 in $(pwd)"
echo to the side >&2
