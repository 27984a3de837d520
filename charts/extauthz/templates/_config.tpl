{{- /* The configuration: what `config` says, and what the chart knows better. As YAML. */ -}}
{{- define "extauthz.config" -}}
{{- $root := . -}}
{{- $config := deepCopy (.Values.config | default dict) -}}
{{- $_ := set $config "version" 1 -}}
{{- $listen := $config.listen | default dict -}}
{{- $tls := dict "cert" "/etc/extauthz/tls/tls.crt" "key" "/etc/extauthz/tls/tls.key" -}}
{{- if eq (include "extauthz.clientCA" .) "true" -}}
  {{- $_ := set $tls "client_ca" (printf "/etc/extauthz/client-ca/%s" .Values.tls.clientCA.key) -}}
{{- end -}}
{{- range $name := list "grpc" "http" -}}
  {{- $values := index $root.Values $name -}}
  {{- if $values.enabled -}}
    {{- $section := index $listen $name | default dict -}}
    {{- $_ := set $section "address" (printf "%s:%d" $root.Values.bindAddress (int $values.port)) -}}
    {{- if $values.tls -}}
      {{- $_ := set $section "tls" (merge (deepCopy $tls) ($section.tls | default dict)) -}}
    {{- end -}}
    {{- if and (eq $name "http") $values.callerSecret.secret -}}
      {{- $callers := $section.callers | default dict -}}
      {{- $secret := $callers.secret | default dict -}}
      {{- $_ := set $secret "file" (printf "/etc/extauthz/caller-secret/%s" $values.callerSecret.key) -}}
      {{- $_ := set $callers "secret" $secret -}}
      {{- $_ := set $section "callers" $callers -}}
    {{- end -}}
    {{- $_ := set $listen $name $section -}}
  {{- end -}}
{{- end -}}
{{- $admin := $listen.admin | default dict -}}
{{- $_ := set $admin "address" (printf "%s:%d" .Values.bindAddress (int .Values.admin.port)) -}}
{{- if .Values.metrics.service.enabled -}}
  {{- $service := printf "%s-metrics.%s" (include "extauthz.fullname" .) .Release.Namespace -}}
  {{- $hosts := list (printf "%s.svc" $service) (printf "%s.svc.cluster.local" $service) -}}
  {{- $status := $admin.status | default dict -}}
  {{- $_ := set $status "hosts" (concat $hosts ($status.hosts | default list) | uniq) -}}
  {{- $_ := set $admin "status" $status -}}
{{- end -}}
{{- $_ := set $listen "admin" $admin -}}
{{- $_ := set $config "listen" $listen -}}
{{- $trust := $config.trust | default dict -}}
{{- range $name := list "anchors" "intermediates" -}}
  {{- $entries := index $trust $name | default list -}}
  {{- range $index, $item := index $root.Values.trust $name -}}
    {{- $entry := fromJson (include "extauthz.entry" (list $root $name $index $item)) -}}
    {{- if or (eq $name "intermediates") (eq (len $entry) 1) -}}
      {{- $entries = append $entries $entry.path -}}
    {{- else -}}
      {{- $entries = append $entries $entry -}}
    {{- end -}}
  {{- end -}}
  {{- if $entries }}{{ $_ := set $trust $name $entries }}{{ end -}}
{{- end -}}
{{- $_ := set $config "trust" $trust -}}
{{- $crls := fromJsonArray (include "extauthz.crls" .) -}}
{{- if or $crls $config.revocation -}}
  {{- $revocation := $config.revocation | default dict -}}
  {{- $entries := $revocation.crls | default list -}}
  {{- range $index, $item := $crls -}}
    {{- $entries = append $entries (fromJson (include "extauthz.entry" (list $root "crls" $index $item))) -}}
  {{- end -}}
  {{- if $entries }}{{ $_ := set $revocation "crls" $entries }}{{ end -}}
  {{- $_ := set $revocation "state_directory" "/var/lib/extauthz/state" -}}
  {{- $_ := set $config "revocation" $revocation -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{- /* Where the configuration comes from: "inline", "configMap" or "secret". */ -}}
{{- define "extauthz.configSource" -}}
{{- if .Values.existingConfigMap -}}configMap{{- else if .Values.existingSecret -}}secret{{- else -}}inline{{- end -}}
{{- end -}}

{{- define "extauthz.configKey" -}}
{{- if eq (include "extauthz.configSource" .) "inline" -}}extauthz.yaml{{- else -}}{{ .Values.existingKey }}{{- end -}}
{{- end -}}

{{- /* A duration such as "1m30s" in milliseconds. */ -}}
{{- define "extauthz.milliseconds" -}}
{{- $units := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000 -}}
{{- $sum := 0 -}}
{{- range regexFindAll "[0-9]+(ms|s|m|h|d)" . -1 -}}
  {{- $sum = add $sum (mul (regexFind "[0-9]+" .) (index $units (regexFind "[a-z]+" .))) -}}
{{- end -}}
{{- $sum -}}
{{- end -}}

{{- /* A quantity of memory such as "512Mi" or "1e9" in bytes; 0 for none. */ -}}
{{- define "extauthz.bytes" -}}
{{- $units := dict "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18 "m" 1e-3 -}}
{{- $_ := merge $units (dict "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "Pi" 1125899906842624 "Ei" 1152921504606846976) -}}
{{- int64 (mulf (regexFind "^[0-9.]+([eE][+-]?[0-9]+)?" . | float64) (index $units (regexFind "[A-Za-z]+$" .) | default 1)) -}}
{{- end -}}

{{- /* Whether fetched CRLs are part of what is decided, as far as the chart can see: then the pods need a way out. */ -}}
{{- define "extauthz.crlPorts" -}}
{{- $ports := dict -}}
{{- range concat (fromJsonArray (include "extauthz.crls" .)) (dig "revocation" "crls" list (.Values.config | default dict)) -}}
  {{- if .url -}}
    {{- $host := (urlParse .url).host -}}
    {{- $port := regexFind ":[0-9]+$" $host | trimPrefix ":" | default (ternary "443" "80" (hasPrefix "https:" .url)) -}}
    {{- $_ := set $ports $port true -}}
    {{- /* A server may redirect to its own https, and nowhere else without redirect_hosts. */ -}}
    {{- $_ := set $ports "443" true -}}
  {{- end -}}
{{- end -}}
{{- $elsewhere := and $ports (dig "revocation" "fetch" "redirect_hosts" list (.Values.config | default dict)) -}}
{{- $unseen := ne (include "extauthz.configSource" .) "inline" -}}
{{- if or $elsewhere (dig "revocation" "distribution_points" "" (.Values.config | default dict)) (and $unseen .Values.networkPolicy.egress.crlPublishers) -}}
  {{- $_ := set $ports "80" true -}}
  {{- $_ := set $ports "443" true -}}
{{- end -}}
{{- keys $ports | sortAlpha | join "," -}}
{{- end -}}
