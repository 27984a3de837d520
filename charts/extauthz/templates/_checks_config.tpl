{{- /* What does not go together in the configuration. */ -}}
{{- define "extauthz.checks.config" -}}
{{- $found := list -}}
{{- $config := .Values.config | default dict -}}
{{- $sources := list -}}
{{- if $config }}{{ $sources = append $sources "config" }}{{ end -}}
{{- if .Values.existingConfigMap }}{{ $sources = append $sources "existingConfigMap" }}{{ end -}}
{{- if .Values.existingSecret }}{{ $sources = append $sources "existingSecret" }}{{ end -}}
{{- if not $sources -}}
  {{- $found = append $found "config is empty: write at least its `sources` and `policies`, or name an existingConfigMap" -}}
{{- else if gt (len $sources) 1 -}}
  {{- $found = append $found (printf "%s are given: the configuration comes from one of them" (join " and " $sources)) -}}
{{- end -}}
{{- if $config -}}
  {{- if not $config.policies -}}
    {{- $found = append $found "config.policies is empty: without a policy everybody is denied" -}}
  {{- end -}}
  {{- $chain := dig "trust" "chain" "verify" $config -}}
  {{- if and (ne $chain "unsafe_none") (not .Values.trust.anchors) (not (dig "trust" "anchors" list $config)) -}}
    {{- $found = append $found "trust.anchors is empty: name the ConfigMaps, Secrets or bundles with the CAs of your clients" -}}
  {{- end -}}
  {{- $none := eq (toString .Values.crls) "unsafe_none" -}}
  {{- if and (eq (include "extauthz.unrevoked" .) "true") (not $none) -}}
    {{- $found = append $found "crls is empty: a revoked certificate would get in until it expires; name the CRLs of every CA that issues to clients, or write `crls: unsafe_none`" -}}
  {{- else if and $none (hasKey $config "revocation") -}}
    {{- $found = append $found "crls is unsafe_none, and config.revocation says how revocation is checked: take one of them away" -}}
  {{- end -}}
  {{- if and .Values.grpc.enabled (not $config.sources) -}}
    {{- $found = append $found "config.sources is empty: say where the proxy puts the certificate, such as [{type: xfcc}], or set grpc.enabled to false" -}}
  {{- end -}}
  {{- if and (not .Values.grpc.enabled) $config.sources -}}
    {{- $found = append $found "config.sources is for the gRPC listener, and grpc.enabled is false: enable it, or write listen.http.sources" -}}
  {{- end -}}
  {{- $http := dig "listen" "http" dict $config -}}
  {{- if and .Values.http.enabled (not $http.dialect) -}}
    {{- $found = append $found "config.listen.http.dialect is missing: http.enabled needs to know which proxy asks" -}}
  {{- end -}}
  {{- if .Values.http.enabled -}}
    {{- $found = concat $found (fromJsonArray (include "extauthz.checks.callers" .)) -}}
  {{- end -}}
  {{- if and (not .Values.http.enabled) $http -}}
    {{- $found = append $found "config.listen.http is given and http.enabled is false: enable it, so that the Service has its port" -}}
  {{- end -}}
  {{- range $name := list "grpc" "http" -}}
    {{- $section := dig "listen" $name dict $config -}}
    {{- if $section.address -}}
      {{- $found = append $found (printf "config.listen.%s.address is the chart's to set: use %s.port and bindAddress" $name $name) -}}
    {{- end -}}
    {{- if and $section.tls (not (index $.Values $name).tls) -}}
      {{- $found = append $found (printf "config.listen.%s.tls is given and %s.tls is false: set it, and `tls` for the certificate" $name $name) -}}
    {{- end -}}
    {{- range $key := list "cert" "key" "client_ca" -}}
      {{- if hasKey ($section.tls | default dict) $key -}}
        {{- $found = append $found (printf "config.listen.%s.tls.%s is the chart's to set: use `tls`" $name $key) -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
  {{- if dig "listen" "admin" "address" "" $config -}}
    {{- $found = append $found "config.listen.admin.address is the chart's to set: use admin.port and bindAddress" -}}
  {{- end -}}
  {{- $files := dict "trust.anchors" (dig "trust" "anchors" list $config) "trust.intermediates" (dig "trust" "intermediates" list $config) "revocation.crls" (dig "revocation" "crls" list $config) -}}
  {{- range $name, $items := $files -}}
    {{- range $items -}}
      {{- $path := . -}}
      {{- if kindIs "map" . }}{{ $path = .path }}{{ end -}}
      {{- if and $path (not (hasPrefix "/" $path)) -}}
        {{- $found = append $found (printf "config.%s: %s would be looked for beside the configuration, where no other file is: name its ConfigMap or Secret in %s, or an absolute path" $name $path (trimPrefix "revocation." $name)) -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
  {{- if dig "revocation" "state_directory" "" $config -}}
    {{- $found = append $found "config.revocation.state_directory is the chart's to set: each pod has its own" -}}
  {{- end -}}
  {{- $stop := add
        (int .Values.preStopSeconds | mul 1000)
        (include "extauthz.milliseconds" (dig "shutdown" "drain_delay" "5s" $config))
        (include "extauthz.milliseconds" (dig "shutdown" "grace" "10s" $config)) -}}
  {{- if ge (int $stop) (mul 1000 (int .Values.terminationGracePeriodSeconds) | int) -}}
    {{- $found = append $found (printf "terminationGracePeriodSeconds is %d, and preStopSeconds, shutdown.drain_delay and shutdown.grace take %d ms together: the pod would be killed before it is done"
          (int .Values.terminationGracePeriodSeconds) (int $stop)) -}}
  {{- end -}}
{{- else if and $sources (eq .Values.reload.strategy "rollout") -}}
  {{- $found = append $found "reload.strategy is rollout: the chart cannot see when a ConfigMap or Secret of yours changes; use watch" -}}
{{- end -}}
{{- if not (or .Values.grpc.enabled .Values.http.enabled) -}}
  {{- $found = append $found "grpc.enabled and http.enabled are both false: nobody could ask" -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}
