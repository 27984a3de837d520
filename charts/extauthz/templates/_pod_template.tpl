{{- /* The template of the pods, the same for a Deployment and a StatefulSet. */ -}}
{{- define "extauthz.podTemplate" -}}
metadata:
  labels:
    {{- include "extauthz.allLabels" (list . .Values.podLabels) | nindent 4 }}
  {{- $annotations := deepCopy (.Values.podAnnotations | default dict) }}
  {{- if eq (include "extauthz.configSource" .) "inline" }}
  {{- /* What only a start changes: sockets and the number of processes. */}}
  {{- $started := pick (include "extauthz.config" . | fromYaml) "listen" "workers" }}
  {{- $_ := set $annotations "checksum/listeners" ($started | toJson | sha256sum) }}
  {{- end }}
  {{- if eq .Values.reload.strategy "rollout" }}
  {{- $_ := set $annotations "checksum/config" (include "extauthz.config" . | sha256sum) }}
  {{- end }}
  {{- with $annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "extauthz.serviceAccountName" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  terminationGracePeriodSeconds: {{ int .Values.terminationGracePeriodSeconds }}
  securityContext:
    {{- include "extauthz.podSecurityContext" . | nindent 4 }}
  {{- with .Values.initContainers }}
  initContainers:
    {{- tpl (toYaml .) $ | nindent 4 }}
  {{- end }}
  containers:
    - name: extauthz
      image: {{ include "extauthz.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      command: [extauthz]
      args: [serve, --config, /etc/extauthz/config/{{ include "extauthz.configKey" . }}]
      {{- with .Values.extraEnv }}
      env:
        {{- tpl (toYaml .) $ | nindent 8 }}
      {{- end }}
      ports:
        {{- include "extauthz.ports" . | trim | nindent 8 }}
      {{- include "extauthz.probes" . | nindent 6 }}
      resources:
        {{- toYaml (.Values.resources | default dict) | nindent 8 }}
      securityContext:
        {{- toYaml (.Values.securityContext | default dict) | nindent 8 }}
      volumeMounts:
        {{- include "extauthz.volumeMounts" . | nindent 8 }}
    {{- with .Values.extraContainers }}
    {{- tpl (toYaml .) $ | nindent 4 }}
    {{- end }}
  volumes:
    {{- include "extauthz.volumes" . | nindent 4 }}
  {{- with .Values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- include "extauthz.spread" $ | trim | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- tpl (toYaml .) $ | nindent 4 }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
