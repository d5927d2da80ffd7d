# shellcheck shell=bash
# Where backups go: off this host, whole or not at all, the newest kept. Sourced, never run.

KEEP=${KEEP:-14}

# $BACKUP_TARGET is HOST:DIRECTORY, reached by ssh, or a directory that is mounted from elsewhere.
target() {
  local directory
  need BACKUP_TARGET
  [[ $KEEP =~ ^[1-9][0-9]*$ ]] || die "KEEP must be a number above zero, not $KEEP"
  [[ $BACKUP_TARGET != *:* ]] || return 0
  [[ -d $BACKUP_TARGET ]] || die "no directory $BACKUP_TARGET"
  for directory in / "$@"; do
    [[ ! -e $directory || $(stat -c %d "$BACKUP_TARGET") != "$(stat -c %d "$directory")" ]] ||
      die "$BACKUP_TARGET is on the same disk as $directory: a backup must end outside the host that it saves"
  done
}

# Runs a command of the shell where the backups are, in their directory.
there() {
  if [[ $BACKUP_TARGET == *:* ]]; then
    ssh -o BatchMode=yes "${BACKUP_TARGET%%:*}" "umask 077; cd '${BACKUP_TARGET#*:}' && { $1; }"
  else
    (umask 077 && cd "$BACKUP_TARGET" && eval "$1")
  fi
}

# Saves standard input under a name with the time, then removes all but the newest of that kind.
save() {
  local kind=$1 ending=$2 name
  name=$kind-$(date -u +%Y%m%dT%H%M%SZ).$ending
  if [[ $DRY_RUN == true ]]; then
    echo "dry-run: write $name to $BACKUP_TARGET and keep the newest $KEEP"
    return
  fi
  # A name without the ending .part is a whole backup.
  there "cat > $name.part && [ -s $name.part ] && mv $name.part $name" || die "nothing was saved"
  there "ls -1 $kind-*.$ending | sort -r | tail -n +$((KEEP + 1)) | xargs -r rm --"
  say "saved $name to $BACKUP_TARGET; kept: $(there "ls -1 $kind-*.$ending | wc -l")"
}

# The backup named $BACKUP, or the newest of a kind.
fetch() {
  local kind=$1 ending=$2 name=${BACKUP:-}
  [[ -n $name ]] || name=$(there "ls -1 $kind-*.$ending 2>/dev/null | sort | tail -n 1")
  [[ $name =~ ^$kind-[0-9TZ]+\.$ending$ ]] || die "no backup $kind-*.$ending in $BACKUP_TARGET"
  say "from $BACKUP_TARGET/$name"
  there "cat $name"
}

# Encrypts for the holder of the private key to the certificate $BACKUP_CERT, who is no machine of this cluster.
sealed_for_people() {
  openssl cms -encrypt -binary -aes-256-cbc -outform DER "$BACKUP_CERT"
}

opened_by_a_person() {
  openssl cms -decrypt -binary -inform DER -inkey "$BACKUP_KEY"
}
