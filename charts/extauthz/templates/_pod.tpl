{{- /* Volumes and mounts of the service. */ -}}
{{- define "extauthz.volumes" -}}
{{- $root := . -}}
- name: config
  {{- if eq (include "extauthz.configSource" .) "secret" }}
  secret:
    secretName: {{ tpl .Values.existingSecret . }}
    defaultMode: 288  # 0440
  {{- else }}
  configMap:
    name: {{ tpl (.Values.existingConfigMap | default (include "extauthz.fullname" .)) . }}
  {{- end }}
{{- range fromJsonArray (include "extauthz.material" .) }}
- name: {{ .volume }}
  {{ .kind }}:
    {{ ternary "secretName" "name" (eq .kind "secret") }}: {{ .object }}
    {{- if eq .kind "secret" }}
    defaultMode: 288  # 0440
    {{- end }}
    {{- with .key }}
    items:
      - key: {{ . | quote }}
        path: {{ . | quote }}
    {{- end }}
{{- end }}
{{- if ne (include "extauthz.persistent" .) "true" }}
- name: state
  emptyDir:
    sizeLimit: {{ .Values.state.sizeLimit }}
{{- end }}
- name: tmp
  emptyDir:
    medium: Memory
    sizeLimit: {{ .Values.tmpSizeLimit }}
{{- with .Values.extraVolumes }}
{{ tpl (toYaml .) $root }}
{{- end }}
{{- end -}}

{{- define "extauthz.volumeMounts" -}}
- name: config
  mountPath: /etc/extauthz/config
  readOnly: true
{{- range fromJsonArray (include "extauthz.material" .) }}
- name: {{ .volume }}
  mountPath: {{ .directory }}
  readOnly: true
{{- end }}
- name: state
  mountPath: /var/lib/extauthz
- name: tmp
  mountPath: /tmp
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "extauthz.ports" -}}
{{- if .Values.grpc.enabled }}
- name: grpc
  containerPort: {{ int .Values.grpc.port }}
{{- end }}
{{- if .Values.http.enabled }}
- name: http-auth
  containerPort: {{ int .Values.http.port }}
{{- end }}
- name: metrics
  containerPort: {{ int .Values.admin.port }}
{{- end -}}

{{- define "extauthz.probes" -}}
{{- $type := .Values.probes.readinessType -}}
{{- if eq $type "auto" -}}
{{- $type = ternary "grpc" "http" (and .Values.grpc.enabled (not .Values.grpc.tls)) -}}
{{- end -}}
startupProbe:
  httpGet:
    path: /healthz
    port: metrics
  {{- with .Values.probes.startup }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
livenessProbe:
  httpGet:
    path: /healthz
    port: metrics
  {{- with .Values.probes.liveness }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
readinessProbe:
  {{- if eq $type "grpc" }}
  grpc:
    port: {{ int .Values.grpc.port }}
    service: envoy.service.auth.v3.Authorization
    {{- if .Values.grpc.tls }}
    mode: TLS
    {{- end }}
  {{- else }}
  httpGet:
    path: /readyz
    port: metrics
  {{- end }}
  {{- with .Values.probes.readiness }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- if .Values.preStopSeconds }}
lifecycle:
  preStop:
    {{- if semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version }}
    sleep:
      seconds: {{ int .Values.preStopSeconds }}
    {{- else }}
    exec:
      command: [extauthz, sleep, {{ int .Values.preStopSeconds | quote }}]
    {{- end }}
{{- end }}
{{- end -}}

{{- define "extauthz.spread" -}}
{{- $root := . -}}
{{- range .Values.topologySpreadConstraints }}
- {{ toYaml . | nindent 2 | trim }}
  {{- if not .labelSelector }}
  labelSelector:
    matchLabels:
      {{- include "extauthz.selectorLabels" $root | nindent 6 }}
  {{- end }}
{{- end }}
{{- end -}}
