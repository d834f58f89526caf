# setup.sh - runs in the root: the units that the measurements start. Instances share templates; targets gather them.
units=/etc/systemd/system
service() { # NAME UNIT-LINES SERVICE-LINES - lines separated by ";"
	{ echo '[Unit]'; echo "$2" | tr ';' '\n'; echo '[Service]'; echo "$3" | tr ';' '\n'; } >"$units/$1"
}
wanted() { # NAME... - by multi-user.target, through NAME's template where it has one
	mkdir -p "$units/multi-user.target.wants"
	for w in "$@"; do
		case $w in *@*) to=${w%@*}@.service ;; *) to=$w ;; esac
		ln -sf "../$to" "$units/multi-user.target.wants/$w"
	done
}
gather() { # TARGET TEMPLATE COUNT
	{ echo '[Unit]'; seq -f "Wants=$2@%.0f.service" "$3"; } >"$units/$1"
}

service p@.service 'Description=sleeper %i' 'ExecStart=/bin/busybox sleep 100000'
wanted $(seq -f 'p@%.0f.service' 20)
service b@.service 'Description=idle service %i' 'ExecStart=/bin/busybox sleep 1000'
service o@.service 'Description=oneshot %i' 'Type=oneshot;RemainAfterExit=yes;ExecStart=/bin/busybox true'
gather b.target b 200
gather o.target o 200
service r.service 'StartLimitIntervalSec=0' 'ExecStart=/vmb/vmprobe rsvc;Restart=always;RestartSec=0'
service vmb-probe.service 'After=multi-user.target' 'ExecStart=/vmb/probe.sh'
wanted vmb-probe.service
for l in /usr/lib/sysmaster/sbin/*; do ln -sf "../lib/sysmaster/sbin/${l##*/}" /usr/sbin/; done
