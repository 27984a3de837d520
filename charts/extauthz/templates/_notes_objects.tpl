{{- /* What must exist in the cluster for the pods to start, a line each: kind, name, keys, what it is. */ -}}
{{- define "extauthz.notes.objects" -}}
{{- $root := . -}}
{{- $lines := list -}}
{{- $line := "%-15s %-32s %-22s %s" -}}
{{- if eq (include "extauthz.configSource" .) "configMap" -}}
  {{- $lines = append $lines (printf $line "ConfigMap" (tpl .Values.existingConfigMap .) .Values.existingKey "the configuration, see below") -}}
{{- else if eq (include "extauthz.configSource" .) "secret" -}}
  {{- $lines = append $lines (printf $line "Secret" (tpl .Values.existingSecret .) .Values.existingKey "the configuration, see below") -}}
{{- end -}}
{{- $about := dict
      "anchors" "CAs of the clients (PEM)"
      "intermediates" "CAs between clients and anchors (PEM)"
      "crls" "revocation lists (PEM or DER)"
      "client" "CAs of the proxies (PEM)"
      "caller" "one line, 16 characters or more" -}}
{{- /* One Secret may hold the listeners' certificate and the CAs of the proxies. */ -}}
{{- $both := and (eq (include "extauthz.anyTls" .) "true") .Values.tls.clientCA.secret (eq (tpl (.Values.tls.clientCA.secret | default "-") .) (include "extauthz.tlsSecret" .)) -}}
{{- range fromJsonArray (include "extauthz.material" .) -}}
  {{- $kind := ternary "Secret" "ConfigMap" (eq .kind "secret") -}}
  {{- if eq .volume "tls" -}}
    {{- $origin := "certificate of the listeners" -}}
    {{- if $root.Values.tls.certManager.enabled -}}
      {{- with $root.Values.tls.certManager.issuerRef -}}
        {{- $origin = printf "made by cert-manager, with %s %s" .kind .name -}}
      {{- end -}}
    {{- end -}}
    {{- $keys := "tls.crt, tls.key" -}}
    {{- if $both }}{{ $keys = printf "%s, %s" $keys $root.Values.tls.clientCA.key }}{{ end -}}
    {{- $lines = append $lines (printf $line $kind .object $keys $origin) -}}
  {{- else if not (and $both (eq .volume "client-ca")) -}}
    {{- $what := index $about (splitList "-" .volume | first) -}}
    {{- if .bundle }}{{ $what = printf "%s; trust-manager writes it" $what }}{{ end -}}
    {{- $lines = append $lines (printf $line $kind .object (.key | default "any: all are read") $what) -}}
  {{- end -}}
{{- end -}}
{{- range .Values.imagePullSecrets -}}
  {{- $lines = append $lines (printf $line "Secret" .name ".dockerconfigjson" "for the registry") -}}
{{- end -}}
{{- if and (not .Values.serviceAccount.create) .Values.serviceAccount.name -}}
  {{- $lines = append $lines (printf $line "ServiceAccount" .Values.serviceAccount.name "" "of the pods") -}}
{{- end -}}
{{- with .Values.priorityClassName -}}
  {{- $lines = append $lines (printf $line "PriorityClass" . "" "of the pods; in no namespace") -}}
{{- end -}}
{{- if eq (include "extauthz.persistent" .) "true" -}}
  {{- with .Values.state.persistence.storageClassName -}}
    {{- $lines = append $lines (printf $line "StorageClass" . "" "of the claims; in no namespace") -}}
  {{- end -}}
{{- end -}}
{{- range .Values.extraVolumes -}}
  {{- $lines = append $lines (printf $line "volume" .name "" "yours, from extraVolumes") -}}
{{- end -}}
{{- range $line := $lines }}
   {{ trimAll " " $line }}
{{- end -}}
{{- end -}}

{{- /* The URLs that CRLs come from, a line each. */ -}}
{{- define "extauthz.notes.urls" -}}
{{- $lines := list -}}
{{- range concat (fromJsonArray (include "extauthz.crls" .)) (dig "revocation" "crls" list (.Values.config | default dict)) -}}
  {{- if .url -}}
    {{- $waits := ternary "no pod is ready before it gave a usable CRL" "no pod waits for it" (dig "required" true .) -}}
    {{- $lines = append $lines (printf "%-48s %s" .url $waits) -}}
  {{- end -}}
{{- end -}}
{{- with $lines }}

   From the pods, CRLs must be there at
   {{- range . }}
   {{ . }}
   {{- end }}
{{- $inside := false -}}
{{- range $.Values.networkPolicy.egress.crlPublishers -}}
  {{- if not (hasKey . "ipBlock") }}{{ $inside = true }}{{ end -}}
{{- end -}}
{{- if and $.Values.networkPolicy.enabled $.Values.networkPolicy.egress.restrict $inside }}
   The NetworkPolicy lets the pods out to port {{ include "extauthz.crlPorts" $ | replace "," ", " }} of the publishers. For a pod behind a Service the port of
   the pod counts: where that is another one, use networkPolicy.egress.rules.
{{- end }}
{{- end }}
{{- end -}}

{{- /* What `helm test` needs beside that. */ -}}
{{- define "extauthz.notes.test" -}}
{{- if eq (include "extauthz.testTls" .) "true" }}

   For `helm test` also
   {{- $line := "%-15s %-32s %-22s %s" }}
   {{ printf $line "Secret" (include "extauthz.tlsSecret" .) "ca.crt" "the CA of the listeners' certificate" }}
{{- with .Values.test.clientSecret }}
   {{ printf $line "Secret" (tpl . $) "tls.crt, tls.key" "of a client that may connect" }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* What must be known of the claims. */ -}}
{{- define "extauthz.notes.claims" -}}
{{- $name := include "extauthz.fullname" . -}}
{{- $here := printf "kubectl --namespace %s" .Release.Namespace -}}
{{- $selector := printf "app.kubernetes.io/name=%s,app.kubernetes.io/instance=%s" (include "extauthz.name" .) .Release.Name -}}
The memory of the newest CRLs is in a claim of each pod
   state-{{ $name }}-0 and so on. Who may mount them, may make extauthz forget. A new claim knows nothing: its pod believes the
   first CRL that it is shown.
   {{- if eq .Values.state.persistence.retention.whenDeleted "Retain" }} `helm uninstall` leaves the claims.{{ end }}

   To have all pods forget, for a CRL that goes back on purpose (docs/revocation.md):

   {{ $here }} delete persistentvolumeclaims --selector {{ $selector }} --wait=false
   {{- if eq (include "extauthz.updateStrategy" . | fromYaml).type "OnDelete" }}
   {{ $here }} delete pod {{ $name }}-0
   and so on, one after the other
   {{- else }}
   {{ $here }} rollout restart statefulset/{{ $name }}
   {{- end }}

   A node that dies keeps its pod: Kubernetes makes no other one for that claim before it knows that the old one has ended.
{{- end -}}

{{- /* What a configuration of one's own must say. */ -}}
{{- define "extauthz.notes.existing" -}}
The configuration is yours
   It must say:

   listen:
     {{- range $listener := list "grpc" "http" }}
     {{- $values := index $.Values $listener }}
     {{- if $values.enabled }}
     {{ $listener }}:
       address: {{ printf "%s:%d" $.Values.bindAddress (int $values.port) | quote }}
       {{- if $values.tls }}
       tls:
         cert: /etc/extauthz/tls/tls.crt
         key: /etc/extauthz/tls/tls.key
         {{- if eq (include "extauthz.clientCA" $) "true" }}
         client_ca: /etc/extauthz/client-ca/{{ $.Values.tls.clientCA.key }}
         {{- end }}
       {{- end }}
       {{- if and (eq $listener "http") $.Values.http.callerSecret.secret }}
       callers:
         secret:
           file: /etc/extauthz/caller-secret/{{ $.Values.http.callerSecret.key }}
       {{- end }}
     {{- end }}
     {{- end }}
     admin:
       address: {{ printf "%s:%d" .Values.bindAddress (int .Values.admin.port) | quote }}

   Files that this chart mounts for it:
   {{- range fromJsonArray (include "extauthz.material" .) }}
   {{ .directory }}
   {{- end }}

   A directory for `revocation.state_directory`, of each pod alone: /var/lib/extauthz/state
   {{- if and .Values.networkPolicy.enabled .Values.networkPolicy.egress.restrict (eq (include "extauthz.crlPorts" .) "") }}

   If it fetches CRLs, name their publishers in networkPolicy.egress.crlPublishers: until then nothing but DNS gets out.
   {{- end }}
{{- end -}}
