{{- /* Names and labels. */ -}}

{{- define "extauthz.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "extauthz.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "extauthz.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "extauthz.selectorLabels" -}}
app.kubernetes.io/name: {{ include "extauthz.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "extauthz.labels" -}}
{{ include "extauthz.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_") }}
{{- end -}}

{{- /* The labels of an object, each once: a list of the root and of its own. */ -}}
{{- define "extauthz.allLabels" -}}
{{- $root := index . 0 -}}
{{- toYaml (mergeOverwrite (dict) (include "extauthz.labels" $root | fromYaml) ($root.Values.commonLabels | default dict) (index . 1 | default dict)) -}}
{{- end -}}

{{- /* Metadata of an object. A list: the root, the name, and labels, annotations and namespace of the object, each optional. */ -}}
{{- define "extauthz.metadata" -}}
{{- $root := index . 0 -}}
{{- $more := dict -}}
{{- if gt (len .) 2 }}{{ $more = index . 2 }}{{ end -}}
name: {{ index . 1 }}
namespace: {{ $more.namespace | default $root.Release.Namespace }}
labels:
  {{- include "extauthz.allLabels" (list $root $more.labels) | nindent 2 }}
{{- with mergeOverwrite (dict) ($root.Values.commonAnnotations | default dict) ($more.annotations | default dict) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "extauthz.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "extauthz.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "extauthz.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "extauthz.host" -}}
{{ include "extauthz.fullname" . }}.{{ .Release.Namespace }}.svc
{{- end -}}

{{- define "extauthz.tlsSecret" -}}
{{- if .Values.tls.certManager.enabled -}}
{{ include "extauthz.fullname" . }}-tls
{{- else -}}
{{ tpl .Values.tls.secretName . }}
{{- end -}}
{{- end -}}
