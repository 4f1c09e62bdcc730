#!/usr/bin/env bash
# Three hosts in one: nodea, and nodeb and nodec at its switch. Each has a name, a network, processes
# and shared memory of its own; they share the files.
#
#   unshare --net --uts --ipc --pid --mount --fork --mount-proc bash hosts.sh FOLDER [FAMILIES]
#
# FAMILIES: 4, 6 or 46, as most hosts have it: which addresses of IP they have.
# Says "ready", is there until its standard input ends, and says then which processes are left. It is
# process 1 of nodea, and all others of the three hosts are below that: with it the kernel ends them,
# and the networks. So nothing stays behind of a test that is killed, whose end of the pipe is closed.
set -euo pipefail
folder=$1 families=${2:-46} name=${3:-nodea}
[[ $name != nodea ]] || trap 'rm -rf "$folder"' EXIT

hostname "$name"
mount -t tmpfs tmpfs /dev/shm
mount -t sysfs sysfs /sys # in which UCX looks for networks
ip link set lo up

if [[ $name != nodea ]]; then
  echo ready >"$folder/$name.ready"
  sleep infinity &
  wait # and reap whoever has lost its parent
  exit
fi

# The addresses of host number $1.
addresses() {
  [[ $families != *4* ]] || echo "10.77.0.$1"
  [[ $families != *6* ]] || echo "fd77::$1"
}

# Gives them to device $2 of host number $1; $3 is what goes in front of the command.
address() {
  for each in $(addresses "$1"); do
    if [[ $each == *:* ]]; then $3 ip addr add "$each/64" dev "$2" nodad; else $3 ip addr add "$each/24" dev "$2"; fi
  done
}

echo '127.0.0.1 localhost' >"$folder/hosts"
for number in 1 2 3; do
  for each in $(addresses $number); do echo "$each node$(printf '%s' ' abc' | cut -c $((number + 1)))"; done
done >>"$folder/hosts"
mount --bind "$folder/hosts" /etc/hosts
ip link add switch type bridge
ip link set switch up
# Not on the switch itself: UCX 1.18 leaves out bridges.
ip link add to-nodea type veth peer name eth0
ip link set to-nodea master switch up
address 1 eth0 ''
ip link set eth0 up

for number in 2 3; do
  [[ $number == 2 ]] && name=nodeb || name=nodec
  mkfifo "$folder/$name.ready"
  unshare --net --uts --ipc --pid --mount --fork --mount-proc --kill-child \
    bash "$0" "$folder" "$families" "$name" &
  read -r _ <"$folder/$name.ready"
  # The child of unshare is process 1 there.
  read -r pid _ <"/proc/$!/task/$!/children" || true # it is a line without an end
  echo "$pid" >"$folder/$name"
  ip link add "to-$name" type veth peer name eth0 netns "$pid"
  ip link set "to-$name" master switch up
  address "$number" eth0 "nsenter --target $pid --net"
  nsenter --target "$pid" --net ip link set eth0 up
done

echo ready
read -r _ || true

for process in /proc/[0-9]*; do
  command=$(tr '\0' ' ' 2>/dev/null <"$process/cmdline") || continue
  [[ -z $command || $command == *"$0 $folder "* || $command == "sleep infinity " || $command == "tr "* ]] ||
    echo "left: $command"
done
