{{- /* What does not go together in pods, their number and their labels. */ -}}
{{- define "extauthz.checks.pods" -}}
{{- $found := list -}}
{{- if eq .Values.probes.readinessType "grpc" -}}
  {{- if not .Values.grpc.enabled -}}
    {{- $found = append $found "probes.readinessType is grpc and grpc.enabled is false: use http" -}}
  {{- else if .Values.grpc.tls -}}
    {{- if semverCompare "<1.37.0-0" .Capabilities.KubeVersion.Version -}}
      {{- $found = append $found "probes.readinessType is grpc and grpc.tls is true: the kubelet speaks no TLS there before Kubernetes 1.37; use auto or http" -}}
    {{- else if eq (include "extauthz.clientCA" .) "true" -}}
      {{- $found = append $found "probes.readinessType is grpc and tls.clientCA is given: the kubelet has no certificate to show; use auto or http" -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- if regexMatch ":[^/]*$|@" .Values.image.repository -}}
  {{- $found = append $found (printf "image.repository is %s, with a tag or digest: write these in image.tag and image.digest" .Values.image.repository) -}}
{{- end -}}
{{- $givenLimit := dig "limits" "memory" "" (.Values.resources | default dict) -}}
{{- $givenRequest := dig "requests" "memory" "" (.Values.resources | default dict) -}}
{{- if not (kindIs "string" $givenLimit) }}{{ $givenLimit = int64 $givenLimit | toString }}{{ end -}}
{{- if not (kindIs "string" $givenRequest) }}{{ $givenRequest = int64 $givenRequest | toString }}{{ end -}}
{{- $limit := include "extauthz.bytes" $givenLimit | int64 -}}
{{- $request := include "extauthz.bytes" $givenRequest | int64 -}}
{{- if and $limit (lt $limit $request) -}}
  {{- $found = append $found (printf "resources.limits.memory (%s) is less than resources.requests.memory (%s): raise the one or lower the other"
        $givenLimit $givenRequest) -}}
{{- end -}}
{{- /* Each process has some 50 MiB of its own before it has answered anything; several have one more that looks after them. */ -}}
{{- $workers := dig "workers" 1 (.Values.config | default dict) | int -}}
{{- $processes := ternary (add $workers 1) $workers (gt $workers 1) | int -}}
{{- if and $limit (lt $limit (mul $processes 52428800)) -}}
  {{- $found = append $found (printf "resources.limits.memory is %s, and %dMi are taken before the first request (processes: %d): raise it, or use fewer workers and more replicas"
        $givenLimit (mul $processes 50 | int) $processes) -}}
{{- end -}}
{{- range $name, $context := dict "podSecurityContext" .Values.podSecurityContext "securityContext" .Values.securityContext -}}
  {{- $context = $context | default dict -}}
  {{- $nonRoot := dig "runAsNonRoot" (dig "runAsNonRoot" false ($.Values.podSecurityContext | default dict)) $context -}}
  {{- if and (hasKey $context "runAsUser") (eq (int $context.runAsUser) 0) $nonRoot -}}
    {{- $found = append $found (printf "%s.runAsUser is 0 and runAsNonRoot is true: no pod would start; use another user" $name) -}}
  {{- end -}}
{{- end -}}
{{- $labels := dict "commonLabels" (.Values.commonLabels | default dict) "podLabels" (.Values.podLabels | default dict) -}}
{{- range $name, $given := $labels -}}
  {{- range $key := list "app.kubernetes.io/instance" "app.kubernetes.io/managed-by" "app.kubernetes.io/name" -}}
    {{- if hasKey $given $key -}}
      {{- $found = append $found (printf "%s has %s, by which Services find the pods and Helm its objects: leave it out, or use nameOverride" $name $key) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- with .Values.podDisruptionBudget -}}
  {{- if .enabled -}}
    {{- $least := ternary $.Values.autoscaling.minReplicas $.Values.replicas $.Values.autoscaling.enabled | int -}}
    {{- $given := toString .minAvailable -}}
    {{- if eq $given "" -}}
      {{- if has (toString .maxUnavailable) (list "0" "0%") -}}
        {{- $found = append $found (printf "podDisruptionBudget.maxUnavailable is %s: no node could ever be drained; let it be 1" (toString .maxUnavailable)) -}}
      {{- end -}}
    {{- else -}}
      {{- $kept := int .minAvailable -}}
      {{- /* Kubernetes rounds a share up. */ -}}
      {{- if hasSuffix "%" $given }}{{ $kept = div (add (mul (trimSuffix "%" $given | int) $least) 99) 100 | int }}{{ end -}}
      {{- if ge $kept $least -}}
        {{- $found = append $found (printf "podDisruptionBudget.minAvailable is %s of %d pods: no node could ever be drained; use maxUnavailable" $given $least) -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- with .Values.autoscaling -}}
  {{- if .enabled -}}
    {{- if lt (int .maxReplicas) (int .minReplicas) -}}
      {{- $found = append $found (printf "autoscaling.maxReplicas (%d) is less than minReplicas (%d)" (int .maxReplicas) (int .minReplicas)) -}}
    {{- end -}}
    {{- if not (or .targetCPUUtilizationPercentage .targetMemoryUtilizationPercentage .metrics) -}}
      {{- $found = append $found "autoscaling has nothing to go by: give a target or metrics" -}}
    {{- end -}}
    {{- $requests := dig "requests" dict ($.Values.resources | default dict) -}}
    {{- if and .targetCPUUtilizationPercentage (not $requests.cpu) -}}
      {{- $found = append $found "autoscaling.targetCPUUtilizationPercentage is a share of resources.requests.cpu, which is missing" -}}
    {{- end -}}
    {{- if and .targetMemoryUtilizationPercentage (not $requests.memory) -}}
      {{- $found = append $found "autoscaling.targetMemoryUtilizationPercentage is a share of resources.requests.memory, which is missing" -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}
