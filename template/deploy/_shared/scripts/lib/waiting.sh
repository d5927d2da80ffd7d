# shellcheck shell=bash
# Waiting that ends as soon as the end is known, and says why. Sourced, never run.

POLL_SECONDS=${POLL_SECONDS:-3}
# How many looks in a row must find the same trouble before it is believed: images and secrets may come a moment later.
PATIENCE=${PATIENCE:-10}

# Why pods of a selector cannot start, one line each: the reason, then what the cluster says about it.
trouble() {
  local namespace=$1 selector=$2 waiting unscheduled
  waiting='{range .items[*]}{range .status.initContainerStatuses[*]}{.state.waiting.reason}{": "}{.state.waiting.message}{"\n"}{end}{range .status.containerStatuses[*]}{.state.waiting.reason}{": "}{.state.waiting.message}{"\n"}{end}{end}'
  unscheduled='{range .items[*]}{range .status.conditions[?(@.reason=="Unschedulable")]}{.reason}{": "}{.message}{"\n"}{end}{end}'
  look -n "$namespace" get pods -l "$selector" -o jsonpath="$waiting$unscheduled" 2>/dev/null |
    grep -E '^(ImagePullBackOff|InvalidImageName|ErrImageNeverPull|CreateContainer(Config)?Error|RunContainerError|CrashLoopBackOff|Unschedulable):' | sort -u || true
}

# What a container that ended left behind: its exit, and its last lines.
last_words() {
  local namespace=$1 selector=$2 ended
  ended='{range .items[*]}{range .status.containerStatuses[*]}{.state.terminated.reason}{.lastState.terminated.reason}{" exit code "}{.state.terminated.exitCode}{.lastState.terminated.exitCode}{"\n"}{end}{end}'
  look -n "$namespace" get pods -l "$selector" -o jsonpath="$ended" 2>/dev/null | grep -v '^ exit code $' | sort -u >&2 || true
  look -n "$namespace" logs -l "$selector" --tail="${LOG_LINES:-20}" --all-containers --previous >&2 2>/dev/null ||
    look -n "$namespace" logs -l "$selector" --tail="${LOG_LINES:-20}" --all-containers >&2 || true
}

# Waits for a Job's end. Fails as soon as it failed, cannot start, or took longer than the given number of seconds.
job_ends() {
  local namespace=$1 job=$2 limit=$3 seen=0 conditions found="" before="" words=""
  local until=$((SECONDS + limit))
  while true; do
    conditions=$(look -n "$namespace" get job "$job" -o jsonpath='{range .status.conditions[?(@.status=="True")]}{.type}{" "}{.reason}{": "}{.message}{"\n"}{end}')
    if grep -q '^Complete ' <<<"$conditions"; then
      return 0
    fi
    if grep -q '^Failed ' <<<"$conditions"; then
      say "job/$job failed: $(sed -n 's/^Failed //p' <<<"$conditions" | head -n 1)"
      words=$(last_words "$namespace" "job-name=$job" 2>&1)
      # A Job that ran past its deadline has lost its pod, and the pod its log; the lines seen before are what is left.
      say "${words:-$before}"
      return 1
    fi
    found=$(trouble "$namespace" "job-name=$job")
    seen=$([[ -n $found ]] && echo $((seen + 1)) || echo 0)
    if ((seen >= PATIENCE)); then
      say "job/$job cannot start: $found"
      return 1
    fi
    if ((SECONDS >= until)); then
      say "job/$job has not ended after $limit seconds"
      last_words "$namespace" "job-name=$job"
      return 1
    fi
    before=$(look -n "$namespace" logs -l "job-name=$job" --tail="${LOG_LINES:-20}" 2>/dev/null || true)
    sleep "$POLL_SECONDS"
  done
}

# The hash that marks the pods of a Deployment's newest revision.
newest_hash() {
  local namespace=$1 name=$2 revision
  revision=$(look -n "$namespace" get deployment "$name" -o jsonpath='{.metadata.annotations.deployment\.kubernetes\.io/revision}')
  look -n "$namespace" get replicasets -l "app=$name" -o jsonpath="{range .items[?(@.metadata.annotations.deployment\.kubernetes\.io/revision==\"$revision\")]}{.metadata.labels.pod-template-hash}{end}"
}

# Waits for a rollout's end. Fails as soon as its pods cannot start or come back to life, or the time is over.
rollout_ends() {
  local namespace=$1 name=$2 limit=$3 hash found refused seen=0 status
  kubectl --context "$KUBE_CONTEXT" -n "$namespace" rollout status "deployment/$name" --timeout="$limit" &
  status=$!
  # shellcheck disable=SC2064  # the id of this process, now
  trap "kill $status 2>/dev/null || true" RETURN
  while kill -0 "$status" 2>/dev/null; do
    hash=$(newest_hash "$namespace" "$name" 2>/dev/null || true)
    found=$([[ -z $hash ]] || trouble "$namespace" "app=$name,pod-template-hash=$hash")
    refused=$(look -n "$namespace" get deployment "$name" -o jsonpath='{range .status.conditions[?(@.type=="ReplicaFailure")]}{.reason}{": "}{.message}{end}' 2>/dev/null || true)
    seen=$([[ -n $found$refused ]] && echo $((seen + 1)) || echo 0)
    if ((seen >= PATIENCE)); then
      say "deployment/$name does not get on: $found$refused"
      [[ $found != *CrashLoopBackOff* ]] || last_words "$namespace" "app=$name,pod-template-hash=$hash"
      return 1
    fi
    sleep "$POLL_SECONDS"
  done
  if ! wait "$status"; then
    hash=$(newest_hash "$namespace" "$name" 2>/dev/null || true)
    last_words "$namespace" "app=$name,pod-template-hash=$hash"
    return 1
  fi
}

# Waits until the controller has opened a sealed secret. Fails as soon as it says that it cannot, or says nothing.
unsealed() {
  local namespace=$1 name=$2 looks state seen=0
  for ((looks = 0; looks < PATIENCE; looks++)); do
    state=$(look -n "$namespace" get sealedsecret "$name" -o jsonpath='{range .status.conditions[?(@.type=="Synced")]}{.status}{" "}{.message}{end}' 2>/dev/null || true)
    case $state in
      True*) return 0 ;;
      False*) seen=$((seen + 1)) ;;
      # An older controller reports nothing; then the Secret itself is the answer.
      *) [[ -z $(look -n "$namespace" get secret "$name" -o name 2>/dev/null || true) ]] || return 0 ;;
    esac
    ((seen < 3)) || break
    sleep "$POLL_SECONDS"
  done
  say "sealedsecret/$name is not opened: ${state:-the sealed-secrets controller says nothing about it}"
  return 1
}
